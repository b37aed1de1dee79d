package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.List;

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
    permutation.absorb(algorithm, List.of(new Piece(state, blocks)), blocks.remaining());
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    return scalar.finish(state, algorithm, tail);
  }
}
