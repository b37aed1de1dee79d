package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import java.time.Duration;

/**
 * Sizes and times of a routing table.
 *
 * @param bucket peers in a bucket: k of the specification
 * @param perGroup peers of one {@link IpGroup} in the table
 * @param failures after so many in a row a peer is dead
 * @param checkAfter a peer that was not heard of for so long is to be asked whether it is there
 * @param refreshAfter a bucket that was not looked up for so long is to be refreshed
 */
public record TableLimits(
    int bucket, int perGroup, int failures, Duration checkAfter, Duration refreshAfter) {
  public static final TableLimits DEFAULT =
      new TableLimits(20, 2, 2, Duration.ofMinutes(10), Duration.ofMinutes(10));

  public TableLimits {
    if (bucket < 1 || perGroup < 1 || failures < 1) {
      throw new IllegalArgumentException("limits of a table must be at least 1: bucket=" + bucket);
    }
  }
}
