package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.peer.PeerId;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Who the bytes of a fetch came from, over all manifests that were tried.
 *
 * <p><b>Thread:</b> the fetching one; {@link #wasted} any.
 */
final class Sources {
  private final Map<Integer, Credit> chunks = new HashMap<>();
  private long copiedBytes;
  private final LongAdder wastedBytes = new LongAdder();

  private record Credit(PeerId peer, int bytes) {}

  /** A chunk was stored. */
  void stored(PeerId peer, int chunk, int bytes) {
    chunks.put(chunk, new Credit(peer, bytes));
  }

  /** A chunk was put together from other images that are held. */
  void copied(int bytes) {
    copiedBytes += bytes;
  }

  /** Bytes that were here in other images. */
  long copiedBytes() {
    return copiedBytes;
  }

  /** Bytes came that are of no use. */
  void wasted(int bytes) {
    wastedBytes.add(bytes);
  }

  /** Another manifest is tried: of what came before, only these chunks are of use. */
  void keep(BitSet stored) {
    chunks
        .entrySet()
        .removeIf(entry -> {
          boolean useless = !stored.get(entry.getKey());
          if (useless) {
            wastedBytes.add(entry.getValue().bytes());
          }
          return useless;
        });
  }

  /** Those whose chunks are of use. */
  Set<PeerId> peers() {
    Set<PeerId> peers = new HashSet<>();
    chunks.values().forEach(credit -> peers.add(credit.peer()));
    return peers;
  }

  Map<String, Long> bytesByPeer() {
    Map<PeerId, Long> bytes = new HashMap<>();
    chunks.values().forEach(credit -> bytes.merge(credit.peer(), (long) credit.bytes(), Long::sum));
    Map<String, Long> named = new HashMap<>();
    bytes.forEach((peer, count) ->
        named.put(peer.equals(OriginSource.ID) ? OriginSource.NAME : peer.toString(), count));
    return named;
  }

  long wastedBytes() {
    return wastedBytes.sum();
  }
}
