package dev.gvmi.node.cache.rules;

import dev.gvmi.node.cache.rules.Refusal.Cause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Decides whether there is room, and what is evicted for it.
 *
 * <p><b>Who is evicted.</b> The image that was used least recently; those of which no other holder
 * is known come after all others. Never one that is pinned, leased or being fetched.
 *
 * <p><b>How many.</b> Nothing as long as the high watermark is not passed; then as many as bring
 * the sum to the low one. Where that cannot be, as many as make it fit; where not even that can be,
 * none.
 *
 * <p><b>Sizes that nobody confirmed</b> evict nothing: they get what is free. They do not keep it
 * from others, but for a tenth of the quota: a claim whose size is confirmed takes it back, and the
 * one that had it stops.
 */
public final class Admission {
  private static final Comparator<CacheItem> NEXT_VICTIM =
      Comparator.comparing(CacheItem::lastCopy)
          .thenComparing(CacheItem::lastUsed)
          .thenComparing(item -> item.image().hex());

  private final Occupancy now;
  private final Claim wanted;
  private final long needed;
  private final long confirmed;
  private final long unconfirmed;

  private Admission(Occupancy now, Claim wanted) {
    this.now = now;
    this.wanted = wanted;
    this.needed = now.outstanding(List.of(wanted));
    this.confirmed = now.outstanding(only(Claim::confirmed));
    this.unconfirmed = now.outstanding(only(claim -> !claim.confirmed()));
  }

  /** Decides on a claim that is not among those of {@code now}. */
  public static Decision decide(Occupancy now, Claim wanted) {
    Admission admission = new Admission(now, wanted);
    return wanted.confirmed() ? admission.confirmed() : admission.unconfirmed();
  }

  /** What goes because more is held than should be: nothing below the high watermark. */
  public static List<CacheItem> excess(Occupancy now) {
    Admission admission = new Admission(now, new Claim(0, null, 0, true));
    return admission.total() <= now.quota().high()
        ? List.of()
        : admission.victims(admission.total() - now.quota().low());
  }

  private List<Claim> only(Predicate<Claim> kind) {
    return now.claims().stream().filter(kind).toList();
  }

  private Decision unconfirmed() {
    long room = now.capacityBytes() - now.usedBytes() - confirmed - unconfirmed;
    if (needed <= room) {
      return new Decision.Granted(List.of());
    }
    return refused(now.freeBytes() < needed ? Cause.DISK : Cause.UNCONFIRMED, room);
  }

  private Decision confirmed() {
    long capacity = now.capacityBytes();
    if (total() <= Math.min(capacity, now.quota().high())) {
      return granted();
    }
    long evictable = now.quota().isNone() ? 0 : sum(evictable());
    if (total() - evictable > capacity) {
      boolean byQuota = total() - evictable > now.quota().bytes();
      return refused(byQuota ? Cause.QUOTA : Cause.DISK, capacity - total() + needed + evictable);
    }
    boolean lowIsReachable = total() - evictable <= now.quota().low();
    long excess = total() - (lowIsReachable ? Math.min(capacity, now.quota().low()) : capacity);
    return excess <= 0 ? granted() : new Decision.Evict(victims(excess));
  }

  /** With the claim; what is unconfirmed counts as far as it may be in the way. */
  private long total() {
    long inTheWay = Math.min(unconfirmed, now.quota().unconfirmed());
    return now.usedBytes() + confirmed + inTheWay + needed;
  }

  private Decision granted() {
    long over = now.usedBytes() + confirmed + unconfirmed + needed - now.capacityBytes();
    List<Claim> revoked = new ArrayList<>();
    List<Claim> largestFirst =
        only(claim -> !claim.confirmed()).stream()
            .sorted(Comparator.comparingLong((Claim claim) -> -now.outstanding(List.of(claim))))
            .toList();
    for (Claim claim : largestFirst) {
      if (over > 0) {
        revoked.add(claim);
        over -= now.outstanding(List.of(claim));
      }
    }
    return new Decision.Granted(revoked);
  }

  private List<CacheItem> evictable() {
    return now.items().stream()
        .filter(CacheItem::isEvictable)
        .filter(item -> !isBeingFilled(item))
        .sorted(NEXT_VICTIM)
        .toList();
  }

  private boolean isBeingFilled(CacheItem item) {
    return now.isClaimed(item.image()) || Objects.equals(item.image(), wanted.image());
  }

  private List<CacheItem> victims(long excessBytes) {
    List<CacheItem> victims = new ArrayList<>();
    long left = excessBytes;
    for (CacheItem item : evictable()) {
      if (left > 0 && item.bytes() > 0) {
        victims.add(item);
        left -= item.bytes();
      }
    }
    return victims;
  }

  private Decision refused(Cause cause, long roomBytes) {
    long pinned = sum(now.items().stream().filter(CacheItem::pinned).toList());
    long leased =
        sum(
            now.items().stream()
                .filter(item -> !item.pinned() && (item.leased() || isBeingFilled(item)))
                .toList());
    return new Decision.Refused(
        new Refusal(
            cause,
            now.quota(),
            needed,
            Math.max(0, roomBytes),
            pinned,
            leased,
            now.reservedBytes()));
  }

  private static long sum(List<CacheItem> items) {
    return items.stream().mapToLong(CacheItem::bytes).sum();
  }
}
