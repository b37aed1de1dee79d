package dev.gvmi.node.swarm;

import dev.gvmi.node.bound.BoundedMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * Bans whole IP groups: three bans of its peers within an hour ban a group for an hour.
 *
 * <p><b>Thread:</b> any; time comes in.
 */
public final class GroupBans {
  /** So many bans ban the group. */
  public static final int MAX_BANS = 3;

  /** How long a ban of a peer counts, and how long that of a group lasts. */
  public static final Duration TERM = Duration.ofHours(1);

  /** Groups remembered; the one that was banned least recently is forgotten first. */
  static final int MAX_GROUPS = 4096;

  private final Map<IpGroup, Deque<Instant>> bans = BoundedMap.forgettingLeastUsed(MAX_GROUPS);

  /** A peer of the group was banned. */
  public synchronized void banned(IpGroup group, Instant now) {
    Deque<Instant> times = bans.computeIfAbsent(group, g -> new ArrayDeque<>());
    times.addLast(now);
    while (times.size() > MAX_BANS) {
      times.removeFirst();
    }
  }

  /**
   * Whether nothing is asked of the group's peers: the last three bans were within one hour, the
   * last of them less than an hour ago.
   */
  public synchronized boolean isBanned(IpGroup group, Instant now) {
    Deque<Instant> times = bans.get(group);
    return times != null
        && times.size() == MAX_BANS
        && times.getFirst().plus(TERM).isAfter(times.getLast())
        && times.getLast().plus(TERM).isAfter(now);
  }

  /** Groups that are remembered. */
  synchronized int size() {
    return bans.size();
  }
}
