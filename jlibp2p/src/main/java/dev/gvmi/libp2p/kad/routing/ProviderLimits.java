package dev.gvmi.libp2p.kad.routing;

import java.time.Duration;

/**
 * How many provider records a node keeps for others, and how long.
 *
 * @param perGroup records of all peers of one IP group, whether public or not
 */
public record ProviderLimits(int total, int perKey, int perPeer, int perGroup, Duration ttl) {
  public static final ProviderLimits DEFAULT =
      new ProviderLimits(100_000, 64, 2_000, 10_000, Duration.ofHours(2));

  public ProviderLimits {
    if (total < 1 || perKey < 1 || perPeer < 1 || perGroup < 1 || !ttl.isPositive()) {
      throw new IllegalArgumentException("limits of records must be positive: total=" + total);
    }
  }
}
