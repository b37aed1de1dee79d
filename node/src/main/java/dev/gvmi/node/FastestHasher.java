package dev.gvmi.node;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.Piece;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * SHA-3 with what is {@link Fastest} on this machine, for one piece and for several; in plain Java
 * at first.
 *
 * <p><b>Thread:</b> any.
 */
final class FastestHasher implements SegmentHasher {
  private static final DigestAlgorithm MEASURED = DigestAlgorithm.SHA3_224;
  private static final int STATE_LANES = 25;

  private final SegmentHasher scalar;
  private final Fastest<SegmentHasher> together;
  private final Fastest<SegmentHasher> alone;

  /**
   * One that begins with the first hasher.
   *
   * @param together another one for several pieces, if there is any
   * @param alone another one for one piece
   */
  FastestHasher(
      SegmentHasher scalar,
      Supplier<Optional<? extends SegmentHasher>> together,
      Supplier<Optional<? extends SegmentHasher>> alone,
      Fastest.Measuring measuring) {
    this.scalar = scalar;
    this.together = new Fastest<>(scalar, together, FastestHasher::hash, measuring);
    this.alone = new Fastest<>(scalar, alone, FastestHasher::hash, measuring);
  }

  @Override
  public int lanes() {
    return together.hasher().lanes();
  }

  @Override
  public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
    alone.count(blocks.remaining());
    alone.hasher().absorb(state, algorithm, blocks);
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    return scalar.finish(state, algorithm, tail);
  }

  @Override
  public void absorbAll(DigestAlgorithm algorithm, List<Piece> pieces) {
    for (Piece piece : pieces) {
      together.count(piece.blocks().remaining());
    }
    together.hasher().absorbAll(algorithm, pieces);
  }

  /**
   * Sees ahead what there is for several pieces, unless that was done: the JIT has more time for it
   * now than within a fetch.
   */
  void measureAside() {
    together.measureAside();
  }

  private static int hash(SegmentHasher hasher, int blocks) {
    int bytes = blocks * MEASURED.rateBytes();
    ByteBuffer zeros = ByteBuffer.allocateDirect(bytes);
    List<Piece> pieces = new ArrayList<>();
    for (int lane = 0; lane < hasher.lanes(); lane++) {
      pieces.add(new Piece(new long[STATE_LANES], zeros.duplicate()));
    }
    hasher.absorbAll(MEASURED, pieces);
    return bytes * hasher.lanes();
  }
}
