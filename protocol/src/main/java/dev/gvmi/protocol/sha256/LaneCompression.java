package dev.gvmi.protocol.sha256;

import java.lang.foreign.MemorySegment;

/** The compression of SHA-256 for several messages at once. Stateless. <b>Thread:</b> any. */
interface LaneCompression {
  int BLOCK_BYTES = 64;

  /** In a block. */
  int WORDS = 16;

  /** How many messages. */
  int lanes();

  /**
   * Compresses the first bytes of each message's blocks into its state.
   *
   * @param states word i of state j at {@code i * lanes() + j}; changed in place
   * @param blocks as many as states, each at least {@code bytes} long
   * @param bytes a multiple of a block
   */
  void compress(int[] states, MemorySegment[] blocks, long bytes);
}
