package dev.gvmi.libp2p.io;

/**
 * What a {@link StreamLine} asks of the connection below it. <b>Thread:</b> any; nothing here
 * blocks.
 */
public interface Wire {
  /** There is something to send: data, the end, or both. */
  void pending();

  /** The reader has taken this many bytes, so the peer may send as many more. */
  void consumed(int bytes);

  /** Ends the stream in both directions. */
  void reset(long code);
}
