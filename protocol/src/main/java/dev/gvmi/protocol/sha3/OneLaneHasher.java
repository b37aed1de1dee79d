package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.vector.Vectors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The sponge in one lane of vectors, the others unused: with AVX-512 a state fits into their
 * registers, and into those of plain Java it does not.
 *
 * <p><b>Thread:</b> any.
 */
public final class OneLaneHasher implements SegmentHasher {
  private final LanePermutation permutation;
  private final SegmentHasher scalar = new ScalarSegmentHasher();

  OneLaneHasher(LanePermutation permutation) {
    this.permutation = permutation;
  }

  /**
   * The one that this machine may be faster with than with plain Java; none where Java has no
   * vectors, or the machine too few registers. Whether it is, is to be measured.
   */
  public static Optional<OneLaneHasher> candidate() {
    return Vectors.areThere() ? LanePermutations.alone().map(OneLaneHasher::new) : Optional.empty();
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
