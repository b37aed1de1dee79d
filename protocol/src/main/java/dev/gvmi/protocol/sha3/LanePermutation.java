package dev.gvmi.protocol.sha3;

import java.lang.foreign.MemorySegment;

/** The sponges of several states at once, by Keccak-f[1600] in lanes of vectors. Stateless. <b>Thread:</b> any. */
interface LanePermutation {
  /** How many states. */
  int lanes();

  /** Whether this lane of each state is kept complemented. */
  boolean isComplemented(int lane);

  /**
   * Absorbs the first bytes of each piece.
   *
   * @param states lane i of state j at {@code i * lanes() + j}, see {@link #isComplemented}; changed
   *     in place
   * @param pieces as many as states, of any kind of memory, each at least {@code bytes} long
   * @param bytes a multiple of the rate
   */
  void absorb(long[] states, MemorySegment[] pieces, int rate, int bytes);
}
