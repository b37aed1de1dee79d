package dev.gvmi.node.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.cache.rules.Admission;
import dev.gvmi.node.cache.rules.CacheItem;
import dev.gvmi.node.cache.rules.Claim;
import dev.gvmi.node.cache.rules.Decision;
import dev.gvmi.node.cache.rules.Occupancy;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.protocol.image.ImageId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps images within the quota. Nothing is counted along: what is held is looked at anew for each
 * decision, so that it is exact after a crash, and after somebody else removed a file. Reservations
 * are in memory only, and end with the process that made them.
 *
 * <p><b>Thread:</b> any; one decision, with the evictions that it needs, after the other.
 */
public final class CacheKeeper implements Space {
  private static final Logger LOG = LoggerFactory.getLogger(CacheKeeper.class);

  private final Quota quota;
  private final Contents contents;
  private final Evictor evictor;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Claim, Reserved> reservations = new LinkedHashMap<>();

  @GuardedBy("lock")
  private long lastNumber;

  /** What takes room. */
  public interface Contents {
    /** All that counts, now. */
    List<CacheItem> items();

    /** What the disk has left, now. */
    long freeBytes();
  }

  /** Who takes images away. */
  public interface Evictor {
    /**
     * Whether a task of the runtime may be using the image, so that it is not evicted; asked of
     * images that would be.
     */
    Optional<String> use(ImageId image);

    /** Takes the image away; false if it turned out to be in use. */
    boolean evict(ImageId image);
  }

  /** How much of the quota is taken: bytes. */
  public record Usage(Quota quota, long usedBytes, long reservedBytes) {}

  public CacheKeeper(Quota quota, Contents contents, Evictor evictor) {
    this.quota = quota;
    this.contents = contents;
    this.evictor = evictor;
  }

  @Override
  public Answer forImage(ImageId image, long bytes, boolean confirmed) {
    lock.lock();
    try {
      return reserve(new Claim(++lastNumber, image, bytes, confirmed));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Answer forFile(long bytes) {
    return forFile(bytes, true);
  }

  @Override
  public Answer forFile(long bytes, boolean confirmed) {
    lock.lock();
    try {
      return reserve(new Claim(++lastNumber, null, bytes, confirmed));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Evicts what is too much: after a start with a smaller quota, say, or when images are no longer
   * pinned.
   */
  public void trim() {
    if (quota.isNone()) {
      return;
    }
    lock.lock();
    try {
      Set<ImageId> busy = new HashSet<>();
      List<CacheItem> excess = Admission.excess(now(busy));
      while (!excess.isEmpty()) {
        evict(excess, busy);
        excess = Admission.excess(now(busy));
      }
    } finally {
      lock.unlock();
    }
  }

  public Usage usage() {
    lock.lock();
    try {
      Occupancy now = now(Set.of());
      return new Usage(quota, now.usedBytes(), now.reservedBytes());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Each round either decides, or evicts, or finds an image in use that is then left out: so there
   * is an end.
   */
  @GuardedBy("lock")
  private Answer reserve(Claim wanted) {
    Set<ImageId> busy = new HashSet<>();
    while (true) {
      switch (Admission.decide(now(busy), wanted)) {
        case Decision.Refused refused -> {
          return new Answer.Refused(refused.refusal().text());
        }
        case Decision.Granted granted -> {
          granted.revoked().forEach(this::revoke);
          Reserved reservation = new Reserved(wanted);
          reservations.put(wanted, reservation);
          return new Answer.Granted(reservation);
        }
        case Decision.Evict evict -> evict(evict.victims(), busy);
      }
    }
  }

  @GuardedBy("lock")
  private Occupancy now(Set<ImageId> busy) {
    List<CacheItem> items =
        contents.items().stream()
            .map(item -> busy.contains(item.image()) ? item.inUse() : item)
            .toList();
    return new Occupancy(quota, contents.freeBytes(), items, List.copyOf(reservations.keySet()));
  }

  /**
   * All are looked at before one goes: an image in use may mean that there is no room at all, and
   * then none is to go.
   */
  private void evict(List<CacheItem> victims, Set<ImageId> busy) {
    for (CacheItem victim : victims) {
      Optional<String> use = evictor.use(victim.image());
      if (use.isPresent()) {
        LOG.debug("image {} is not evicted: {}", victim.image(), use.get());
        busy.add(victim.image());
      }
    }
    if (victims.stream().anyMatch(victim -> busy.contains(victim.image()))) {
      return;
    }
    for (CacheItem victim : victims) {
      if (!evictor.evict(victim.image())) {
        busy.add(victim.image());
        return;
      }
    }
  }

  @GuardedBy("lock")
  private void revoke(Claim claim) {
    Reserved reservation = reservations.remove(claim);
    if (reservation != null) {
      reservation.revoked = true;
    }
  }

  private void release(Claim claim) {
    lock.lock();
    try {
      reservations.remove(claim);
    } finally {
      lock.unlock();
    }
  }

  private final class Reserved implements Reservation {
    private final Claim claim;

    /** Set once, by whoever decides for another; read by who fills it. */
    private volatile boolean revoked;

    Reserved(Claim claim) {
      this.claim = claim;
    }

    @Override
    public boolean isRevoked() {
      return revoked;
    }

    @Override
    public void close() {
      release(claim);
    }
  }
}
