package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The sponges of several states at once, by Keccak-f[1600] in lanes of vectors. Stateless.
 * <b>Thread:</b> any.
 */
interface LanePermutation {
  /** How many states. */
  int lanes();

  /** Whether this lane of each state is kept complemented. */
  boolean isComplemented(int lane);

  /**
   * Absorbs the first bytes of each piece.
   *
   * @param states lane i of state j at {@code i * lanes() + j}, see {@link #isComplemented};
   *     changed in place
   * @param pieces as many as states, of any kind of memory, each at least {@code bytes} long
   * @param bytes a multiple of the rate
   */
  void absorb(long[] states, MemorySegment[] pieces, int rate, int bytes);

  /**
   * Absorbs the next bytes of at most as many pieces as there are lanes.
   *
   * @param bytes as many of each piece, which are consumed; a multiple of the rate
   */
  default void absorb(DigestAlgorithm algorithm, List<Piece> pieces, int bytes) {
    long[] states = new long[pieces.getFirst().state().length * lanes()];
    MemorySegment[] blocks = new MemorySegment[lanes()];
    for (int lane = 0; lane < pieces.size(); lane++) {
      spread(pieces.get(lane).state(), states, lane);
      ByteBuffer all = pieces.get(lane).blocks();
      blocks[lane] = MemorySegment.ofBuffer(all.slice(all.position(), bytes));
      all.position(all.position() + bytes);
    }
    Arrays.fill(blocks, pieces.size(), lanes(), blocks[0]); // lanes that nobody uses
    absorb(states, blocks, algorithm.rateBytes(), bytes);
    for (int lane = 0; lane < pieces.size(); lane++) {
      gather(states, lane, pieces.get(lane).state());
    }
  }

  private void spread(long[] state, long[] states, int lane) {
    for (int i = 0; i < state.length; i++) {
      states[i * lanes() + lane] = isComplemented(i) ? ~state[i] : state[i];
    }
  }

  private void gather(long[] states, int lane, long[] state) {
    for (int i = 0; i < state.length; i++) {
      long value = states[i * lanes() + lane];
      state[i] = isComplemented(i) ? ~value : value;
    }
  }
}
