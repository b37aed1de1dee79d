package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
    candidates.add(new LaneSegmentHasher(LanePermutations.preferred()));
    LanePermutations.alone().map(OneLaneHasher::new).ifPresent(candidates::add);
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
    while (left.size() > 1) { // all lanes take less than two pieces one by one
      int bytes = left.stream().mapToInt(piece -> piece.blocks().remaining()).min().orElseThrow();
      absorbInLanes(algorithm, left, bytes);
      left = left.stream().filter(piece -> piece.blocks().hasRemaining()).toList();
    }
    for (Piece piece : left) {
      scalar.absorb(piece.state(), algorithm, piece.blocks());
    }
  }

  private void absorbInLanes(DigestAlgorithm algorithm, List<Piece> pieces, int bytes) {
    long[] states = new long[STATE_LANES * lanes];
    MemorySegment[] blocks = new MemorySegment[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      if (lane >= pieces.size()) {
        blocks[lane] = blocks[0]; // a lane that nobody uses
        continue;
      }
      spread(pieces.get(lane).state(), states, lane);
      ByteBuffer all = pieces.get(lane).blocks();
      blocks[lane] = MemorySegment.ofBuffer(all.slice(all.position(), bytes));
      all.position(all.position() + bytes);
    }
    permutation.absorb(states, blocks, algorithm.rateBytes(), bytes);
    for (int lane = 0; lane < pieces.size(); lane++) {
      gather(states, lane, pieces.get(lane).state());
    }
  }

  private void spread(long[] state, long[] states, int lane) {
    for (int i = 0; i < STATE_LANES; i++) {
      states[i * lanes + lane] = permutation.isComplemented(i) ? ~state[i] : state[i];
    }
  }

  private void gather(long[] states, int lane, long[] state) {
    for (int i = 0; i < STATE_LANES; i++) {
      long value = states[i * lanes + lane];
      state[i] = permutation.isComplemented(i) ? ~value : value;
    }
  }
}
