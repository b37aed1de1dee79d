package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The sponge in one lane of vectors, the others unused: with AVX-512 a state fits into their
 * registers, and into those of plain Java it does not.
 *
 * <p><b>Thread:</b> any.
 */
final class OneLaneHasher implements SegmentHasher {
  private final LanePermutation permutation;
  private final SegmentHasher scalar = new ScalarSegmentHasher();

  OneLaneHasher(LanePermutation permutation) {
    this.permutation = permutation;
  }

  @Override
  public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
    ScalarSegmentHasher.requireWhole(algorithm, blocks);
    int lanes = permutation.lanes();
    long[] states = new long[state.length * lanes];
    for (int i = 0; i < state.length; i++) {
      states[i * lanes] = state[i];
    }
    MemorySegment[] pieces = new MemorySegment[lanes];
    Arrays.fill(pieces, MemorySegment.ofBuffer(blocks));
    permutation.absorb(states, pieces, algorithm.rateBytes(), blocks.remaining());
    for (int i = 0; i < state.length; i++) {
      state[i] = states[i * lanes];
    }
    blocks.position(blocks.limit());
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    return scalar.finish(state, algorithm, tail);
  }
}
