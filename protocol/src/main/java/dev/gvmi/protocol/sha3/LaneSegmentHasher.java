package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.vector.Vectors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The sponges of several pieces in the lanes of vectors; one alone as {@link ScalarSegmentHasher}
 * does it.
 *
 * <p><b>Thread:</b> any.
 */
public final class LaneSegmentHasher implements SegmentHasher {
  private final LanePermutation permutation;
  private final int lanes;
  private final SegmentHasher scalar = new ScalarSegmentHasher();

  LaneSegmentHasher(LanePermutation permutation) {
    this.permutation = permutation;
    this.lanes = permutation.lanes();
  }

  /**
   * The one that this machine may be fastest with; none where Java has no vectors. Whether it is,
   * is to be measured.
   */
  public static Optional<LaneSegmentHasher> candidate() {
    return Vectors.areThere()
        ? Optional.of(new LaneSegmentHasher(LanePermutations.preferred()))
        : Optional.empty();
  }

  @Override
  public int lanes() {
    return lanes;
  }

  @Override
  public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
    scalar.absorb(state, algorithm, blocks);
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    return scalar.finish(state, algorithm, tail);
  }

  @Override
  public void absorbAll(DigestAlgorithm algorithm, List<Piece> pieces) {
    for (Piece piece : pieces) {
      ScalarSegmentHasher.requireWhole(algorithm, piece.blocks());
    }
    for (int first = 0; first < pieces.size(); first += lanes) {
      absorbTogether(algorithm, pieces.subList(first, Math.min(first + lanes, pieces.size())));
    }
  }

  /**
   * Of at most as many pieces as there are lanes: all as far as the shortest goes, then those that
   * are longer.
   */
  private void absorbTogether(DigestAlgorithm algorithm, List<Piece> pieces) {
    List<Piece> left = pieces;
    while (left.size() > 1) { // all lanes take less than two pieces one by one
      int bytes = left.stream().mapToInt(piece -> piece.blocks().remaining()).min().orElseThrow();
      permutation.absorb(algorithm, left, bytes);
      left = left.stream().filter(piece -> piece.blocks().hasRemaining()).toList();
    }
    for (Piece piece : left) {
      scalar.absorb(piece.state(), algorithm, piece.blocks());
    }
  }
}
