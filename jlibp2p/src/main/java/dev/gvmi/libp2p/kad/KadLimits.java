package dev.gvmi.libp2p.kad;

import java.time.Duration;

/**
 * What a DHT node takes on at one time, and from one peer.
 *
 * @param lookups that run at one time
 * @param requests of ours in flight at one time, over all lookups
 * @param streamsPerPeer inbound
 * @param requestsPerSecond inbound, of one peer; ten times as many of all together
 * @param burst so many may come at once
 * @param idle a stream without a request is closed, ours and theirs; so is, after three times as
 *     long, a connection that we dialled
 */
public record KadLimits(
    int lookups,
    int requests,
    int streamsPerPeer,
    int requestsPerSecond,
    int burst,
    Duration idle) {
  public static final KadLimits DEFAULT = new KadLimits(16, 64, 8, 50, 200, Duration.ofSeconds(10));

  public KadLimits {
    if (lookups < 1 || requests < 1 || streamsPerPeer < 1 || requestsPerSecond < 1 || burst < 1) {
      throw new IllegalArgumentException("limits must be at least 1: lookups=" + lookups);
    }
  }
}
