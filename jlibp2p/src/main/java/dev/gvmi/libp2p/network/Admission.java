package dev.gvmi.libp2p.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether one more connection may be, before anything is spent on it.
 *
 * <p>Places for handshakes are few, and whoever connects and says nothing holds one for seconds. So
 * when they are all taken, a newcomer gets that of the oldest handshake of the IP address that has
 * most of them, if it has more than the newcomer then has, or of a handshake that takes unusually
 * long. An address that has all the places it may have gets one back from its own oldest handshake.
 * Established connections are not this class's: it only says when they are {@link #isCrowded
 * crowded}.
 *
 * <p><b>Thread:</b> any.
 */
public final class Admission {
  /** An honest handshake is done by then, also across the world. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** One place in so many is kept free, as long as connections are idle. */
  private static final int ROOM_PART = 8;

  private final HostLimits limits;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<IpGroup, Integer> perIp = new HashMap<>();

  /** The oldest first. */
  @GuardedBy("lock")
  private final Set<Place> pending = new LinkedHashSet<>();

  @GuardedBy("lock")
  private int inbound;

  @GuardedBy("lock")
  private int outbound;

  @GuardedBy("lock")
  private long refused;

  @GuardedBy("lock")
  private long evicted;

  public Admission(HostLimits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** A place for a connection that we make, or empty when a limit is reached. */
  public Optional<Place> admitOutbound(Multiaddr address) {
    lock.lock();
    try {
      if (outbound >= limits.outboundConnections() || inbound + outbound >= limits.connections()) {
        return Optional.empty();
      }
      return Optional.of(enter(new Place(IpGroup.lineOf(address), false, () -> {})));
    } finally {
      lock.unlock();
    }
  }

  /**
   * A place for a connection that came in, or empty when a limit is reached.
   *
   * @param evict closes the connection, because its handshake has to make place for another
   */
  public Optional<Place> admitInbound(Multiaddr address, Runnable evict) {
    Place place = new Place(IpGroup.lineOf(address), true, evict);
    Place victim = null;
    lock.lock();
    try {
      if (!hasPlace(place.group)) {
        victim = victim(place.group);
        if (victim == null) {
          refused++;
          return Optional.empty();
        }
        evicted++;
        leave(victim);
      }
      enter(place);
    } finally {
      lock.unlock();
    }
    if (victim != null) {
      victim.evict.run();
    }
    return Optional.of(place);
  }

  @GuardedBy("lock")
  private boolean hasPlace(IpGroup group) {
    return perIp.getOrDefault(group, 0) < limits.connectionsPerIp()
        && pending.size() < limits.pendingInbound()
        && inbound < limits.inboundConnections()
        && inbound + outbound < limits.connections();
  }

  @GuardedBy("lock")
  private @Nullable Place victim(IpGroup newcomer) {
    if (perIp.getOrDefault(newcomer, 0) >= limits.connectionsPerIp()) {
      return oldest(newcomer);
    }
    Map<IpGroup, Integer> counts = new HashMap<>();
    pending.forEach(place -> counts.merge(place.group, 1, Integer::sum));
    IpGroup fullest =
        pending.stream()
            .map(place -> place.group)
            .max(Comparator.comparing(group -> counts.getOrDefault(group, 0)))
            .orElse(newcomer);
    int withNewcomer = counts.getOrDefault(newcomer, 0) + 1;
    if (counts.getOrDefault(fullest, 0) > withNewcomer) {
      return oldest(fullest);
    }
    Instant late = clock.instant().minus(PATIENCE);
    return pending.stream().findFirst().filter(place -> place.since.isBefore(late)).orElse(null);
  }

  @GuardedBy("lock")
  private @Nullable Place oldest(IpGroup group) {
    return pending.stream().filter(place -> place.group.equals(group)).findFirst().orElse(null);
  }

  @GuardedBy("lock")
  private Place enter(Place place) {
    perIp.merge(place.group, 1, Integer::sum);
    if (place.isInbound) {
      inbound++;
      pending.add(place);
    } else {
      outbound++;
    }
    return place;
  }

  @GuardedBy("lock")
  private void leave(Place place) {
    if (place.gone) {
      return;
    }
    place.gone = true;
    pending.remove(place);
    if (place.isInbound) {
      inbound--;
    } else {
      outbound--;
    }
    perIp.computeIfPresent(place.group, (ip, count) -> count == 1 ? null : count - 1);
  }

  /** Whether most of the places of a direction, or of both together, are taken. */
  public boolean isCrowded(boolean isInbound) {
    lock.lock();
    try {
      int now = isInbound ? inbound : outbound;
      int most = isInbound ? limits.inboundConnections() : limits.outboundConnections();
      return now > most - most / ROOM_PART
          || inbound + outbound > limits.connections() - limits.connections() / ROOM_PART;
    } finally {
      lock.unlock();
    }
  }

  /** The gater has turned an inbound connection away. */
  public void refused() {
    lock.lock();
    try {
      refused++;
    } finally {
      lock.unlock();
    }
  }

  public Counts counts() {
    lock.lock();
    try {
      int most = perIp.values().stream().mapToInt(Integer::intValue).max().orElse(0);
      return new Counts(inbound, outbound, pending.size(), most, refused, evicted);
    } finally {
      lock.unlock();
    }
  }

  /** What there is now, and what was turned away since the start. */
  public record Counts(
      int inbound, int outbound, int pendingInbound, int mostOfIp, long refused, long evicted) {}

  /** One connection's place; given back once. */
  public final class Place implements AutoCloseable {
    private final IpGroup group;
    private final boolean isInbound;
    private final Runnable evict;
    private final Instant since = clock.instant();

    /** Under the lock. */
    private boolean gone;

    private Place(IpGroup group, boolean isInbound, Runnable evict) {
      this.group = group;
      this.isInbound = isInbound;
      this.evict = evict;
    }

    /** The handshake is done: it no longer counts as pending. */
    public void established() {
      lock.lock();
      try {
        pending.remove(this);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        leave(this);
      } finally {
        lock.unlock();
      }
    }
  }
}
