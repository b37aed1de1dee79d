package dev.gvmi.protocol.delta;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.sha256.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Makes the delta index of an image whose bytes come in order. Keeps no more of them than a piece.
 *
 * <p><b>Thread:</b> one.
 */
public final class DeltaIndexBuilder {
  private static final int PIECE_BYTES = 64 << 10;

  private final ImageId image;
  private final long sizeBytes;
  private final SpanCutter cutter = new SpanCutter();
  private final MessageDigest sha = Sha256.jdk();
  private final ByteArrayOutputStream spans = new ByteArrayOutputStream();
  private final byte[] piece = new byte[PIECE_BYTES];
  private long taken;

  public DeltaIndexBuilder(ImageId image, long sizeBytes) {
    this.image = image;
    this.sizeBytes = sizeBytes;
  }

  /**
   * The next bytes; takes all of them. {@link IllegalStateException} if more come than the size
   * says.
   */
  public void update(ByteBuffer bytes) {
    if (bytes.remaining() > sizeBytes - taken) {
      throw new IllegalStateException("the image is longer than its " + sizeBytes + " bytes");
    }
    while (bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), PIECE_BYTES);
      bytes.get(piece, 0, count);
      cut(count);
      taken += count;
    }
  }

  private void cut(int count) {
    for (int at = 0; at < count; ) {
      int stop = cutter.take(piece, at, count);
      sha.update(piece, at, stop - at);
      at = stop;
      if (cutter.isAtEnd()) {
        endSpan();
      }
    }
  }

  private void endSpan() {
    byte[] id = sha.digest();
    if (spans.size() < DeltaIndex.MAX_BYTES) {
      byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(cutter.lengthBytes()).array();
      spans.write(length, 0, length.length);
      spans.write(id, 0, SpanId.BYTES);
    }
  }

  /**
   * The index; empty if it would be longer than {@link DeltaIndex#MAX_BYTES}: such an image has
   * none. Call once.
   *
   * <p><b>Errors:</b> {@link IllegalStateException} unless exactly the size has come.
   */
  public Optional<DeltaIndex> finish() {
    if (taken != sizeBytes) {
      throw new IllegalStateException(
          "the image ended at " + taken + " of " + sizeBytes + " bytes");
    }
    if (!cutter.isAtEnd()) {
      endSpan();
    }
    ByteBuffer head = DeltaIndex.head(image, sizeBytes);
    if (spans.size() > DeltaIndex.MAX_BYTES - head.remaining()) {
      return Optional.empty();
    }
    ByteBuffer all = ByteBuffer.allocate(head.remaining() + spans.size());
    return Optional.of(DeltaIndex.parse(all.put(head).put(spans.toByteArray()).flip()));
  }
}
