package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The sponges of several pieces in the lanes of vectors; one alone as {@link ScalarSegmentHasher}
 * does it.
 *
 * <p><b>Thread:</b> any.
 */
public final class LaneSegmentHasher implements SegmentHasher {
  private static final int STATE_LANES = 25;

  private final LanePermutation permutation;
  private final int lanes;
  private final SegmentHasher scalar = new ScalarSegmentHasher();

  LaneSegmentHasher(LanePermutation permutation) {
    this.permutation = permutation;
    this.lanes = permutation.lanes();
  }

  /**
   * Those that this machine may be fastest with; none where Java has no vectors. Which it is, is to
   * be measured.
   */
  public static List<SegmentHasher> candidates() {
    if (!LanePermutations.areThere()) {
      return List.of();
    }
    List<SegmentHasher> candidates = new ArrayList<>();
    LanePermutation preferred = LanePermutations.preferred();
    candidates.add(new LaneSegmentHasher(preferred));
    if (preferred.lanes() > 4) { // AVX-512 is often faster with half of its vector
      candidates.add(new LaneSegmentHasher(LanePermutations.of(preferred.lanes() / 2)));
    }
    return List.copyOf(candidates);
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
    while (isWorthIt(left.size())) {
      int bytes = left.stream().mapToInt(piece -> piece.blocks().remaining()).min().orElseThrow();
      absorbInLanes(algorithm, left, bytes);
      left = left.stream().filter(piece -> piece.blocks().hasRemaining()).toList();
    }
    for (Piece piece : left) {
      scalar.absorb(piece.state(), algorithm, piece.blocks());
    }
  }

  /** All lanes take as long as one or two pieces one by one. */
  private boolean isWorthIt(int pieces) {
    return pieces > 1 && 2 * pieces >= lanes;
  }

  private void absorbInLanes(DigestAlgorithm algorithm, List<Piece> pieces, int bytes) {
    long[] states = new long[STATE_LANES * lanes];
    long[] spare = new long[STATE_LANES * lanes];
    for (int lane = 0; lane < pieces.size(); lane++) {
      spread(pieces.get(lane).state(), states, lane);
    }
    ByteBuffer[] blocks = new ByteBuffer[pieces.size()];
    for (int lane = 0; lane < blocks.length; lane++) {
      ByteBuffer all = pieces.get(lane).blocks();
      blocks[lane] = all.slice(all.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
      all.position(all.position() + bytes);
    }
    int rate = algorithm.rateBytes();
    for (int at = 0; at < bytes; at += rate) {
      for (int lane = 0; lane < blocks.length; lane++) {
        xor(blocks[lane], at, rate / Long.BYTES, states, lane);
      }
      permutation.permute(states, spare);
    }
    for (int lane = 0; lane < pieces.size(); lane++) {
      gather(states, lane, pieces.get(lane).state());
    }
  }

  private void xor(ByteBuffer block, int at, int count, long[] states, int lane) {
    for (int i = 0; i < count; i++) {
      states[i * lanes + lane] ^= block.getLong(at + i * Long.BYTES);
    }
  }

  private void spread(long[] state, long[] states, int lane) {
    for (int i = 0; i < STATE_LANES; i++) {
      states[i * lanes + lane] = LanePermutation.isComplemented(i) ? ~state[i] : state[i];
    }
  }

  private void gather(long[] states, int lane, long[] state) {
    for (int i = 0; i < STATE_LANES; i++) {
      long value = states[i * lanes + lane];
      state[i] = LanePermutation.isComplemented(i) ? ~value : value;
    }
  }
}
