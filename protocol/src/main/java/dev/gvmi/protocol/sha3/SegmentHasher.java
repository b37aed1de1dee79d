package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.List;

/** Runs the SHA-3 sponge from a given state. Stateless. <b>Thread:</b> any. */
public interface SegmentHasher {
  /**
   * Absorbs whole blocks: {@code blocks.remaining()} is a multiple of the rate; all are consumed.
   * {@code state} has 25 lanes and is changed in place.
   */
  void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks);

  /** So many pieces at once are hashed for little more than the price of one. */
  default int lanes() {
    return 1;
  }

  /** Absorbs several pieces, of any lengths: {@link #absorb} of each. */
  default void absorbAll(DigestAlgorithm algorithm, List<Piece> pieces) {
    for (Piece piece : pieces) {
      absorb(piece.state(), algorithm, piece.blocks());
    }
  }

  /** Pads and absorbs the last {@code tail.remaining() < rate} bytes and returns the digest. */
  byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail);
}
