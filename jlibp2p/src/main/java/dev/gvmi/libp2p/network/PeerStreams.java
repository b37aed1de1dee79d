package dev.gvmi.libp2p.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.ProtocolId;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the inbound streams of one peer by protocol, over all of its connections. <b>Thread:</b>
 * any.
 */
public final class PeerStreams {
  @GuardedBy("this")
  private final Map<ProtocolId, Integer> counts = new HashMap<>();

  /** Counts one more, unless there are {@code limit} already; then false. */
  public synchronized boolean take(ProtocolId protocol, int limit) {
    int count = counts.getOrDefault(protocol, 0);
    if (count >= limit) {
      return false;
    }
    counts.put(protocol, count + 1);
    return true;
  }

  public synchronized void give(ProtocolId protocol) {
    counts.computeIfPresent(protocol, (p, count) -> count == 1 ? null : count - 1);
  }

  /** Those of the protocol that has most. */
  public synchronized int most() {
    return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
