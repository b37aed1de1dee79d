package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.peer.PeerId;

/**
 * Where chunks of one image come from, as they are asked for. What comes of it is told to a {@link
 * ChunkLink.Listener}.
 *
 * <p><b>Thread:</b> requests from one.
 */
public interface ChunkSource extends AutoCloseable {
  /** Its name among the sources of a fetch. */
  PeerId peer();

  /** Bytes of chunks that have come, of unfinished ones too. */
  long receivedBytes();

  /** Asks for chunks; each will arrive or be refused, unless the source ends. */
  void request(int first, int count);

  /** Tells that a chunk is not needed any more. */
  void cancel(int chunk);

  @Override
  void close();

  /** Ends it, for this reason. */
  void close(String reason);
}
