package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.address.IpGroup;
import java.time.Duration;

/**
 * How a lookup goes about it.
 *
 * @param k how many of the nearest peers must have answered
 * @param alpha requests in flight at one time, those to slow peers not counted
 * @param paths disjoint paths: no peer is asked by two of them
 * @param perGroup peers of one {@link IpGroup} that are asked
 * @param slowAfter a peer that has not answered by then no longer holds up others
 * @param giveUpAfter a peer that has not answered by then has failed
 * @param nearest scope of the addresses that are dialled: {@code PUBLIC} on a node of the public
 *     network
 */
public record LookupConfig(
    int k,
    int alpha,
    int paths,
    int perGroup,
    Duration slowAfter,
    Duration giveUpAfter,
    AddressScope nearest) {
  public static final LookupConfig DEFAULT =
      new LookupConfig(
          20, 10, 3, 2, Duration.ofSeconds(1), Duration.ofSeconds(10), AddressScope.LOOPBACK);

  public LookupConfig {
    if (k < 1 || alpha < 1 || paths < 1 || paths > k || perGroup < 1) {
      throw new IllegalArgumentException(
          "no lookup with k=" + k + ", alpha=" + alpha + ", paths=" + paths);
    }
  }

  public LookupConfig withNearest(AddressScope scope) {
    return new LookupConfig(k, alpha, paths, perGroup, slowAfter, giveUpAfter, scope);
  }
}
