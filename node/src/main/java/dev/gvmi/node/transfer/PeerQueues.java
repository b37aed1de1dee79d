package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.wire.WireLimits;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How many chunks are queued for each peer, over all its streams. A peer is here only while
 * something is queued for it.
 *
 * <p><b>Thread:</b> any.
 */
final class PeerQueues {
  static final int MAX_CHUNKS = WireLimits.MAX_QUEUED_BYTES_PER_PEER / Geometry.CHUNK_BYTES;

  private final ConcurrentMap<PeerId, Integer> chunks = new ConcurrentHashMap<>();

  /** Counts chunks in, unless that would be more than {@link #MAX_CHUNKS}. */
  boolean add(PeerId peer, int count) {
    int after = chunks.merge(peer, count, Integer::sum);
    if (after > MAX_CHUNKS) {
      remove(peer, count);
      return false;
    }
    return true;
  }

  /** Counts chunks out. */
  void remove(PeerId peer, int count) {
    chunks.computeIfPresent(peer, (id, queued) -> queued > count ? queued - count : null);
  }

  int peers() {
    return chunks.size();
  }
}
