package dev.gvmi.protocol.delta;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The spans of an image, in order, from its first byte to its last. A hint where bytes may be found
 * that are here already; if it lies, what is found fails its check. Immutable.
 *
 * <p><b>Shape</b> (integers big-endian; D digest bytes):
 *
 * <pre>
 *   offset   size   field
 *   0        8      "GVMIDLT1"
 *   8        1      multihash code of the digest
 *   9        1      D
 *   10       D      digest of the image
 *   10+D     8      size of the image
 *   18+D     20 n   of each span: length (4), first 16 bytes of its SHA-256
 * </pre>
 */
public final class DeltaIndex implements Iterable<Span> {
  /** No delta index is longer; an image that would need more has none. */
  public static final int MAX_BYTES = 16 << 20;

  /** So many bytes say what image it is of, and how long that is. */
  public static final int HEAD_BYTES = 82;

  private static final byte[] MAGIC = "GVMIDLT1".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 18;
  private static final int ENTRY_BYTES = Integer.BYTES + SpanId.BYTES;

  private final byte[] bytes;
  private final Head head;

  private DeltaIndex(byte[] bytes, Head head) {
    this.bytes = bytes;
    this.head = head;
  }

  /** What the first bytes of a delta index say. */
  public record Head(ImageId image, long sizeBytes) {
    private int headBytes() {
      return FIXED_BYTES + image.algorithm().digestBytes();
    }

    /**
     * Whether the delta index of such an image may be so long: it follows from the bounds of a
     * span.
     */
    public boolean allows(long lengthBytes) {
      long entries = lengthBytes - headBytes();
      return entries % ENTRY_BYTES == 0
          && lengthBytes <= MAX_BYTES
          && entries / ENTRY_BYTES >= count(sizeBytes, SpanCutter.MAX_BYTES)
          && entries / ENTRY_BYTES <= count(sizeBytes, SpanCutter.MIN_BYTES);
    }

    private static long count(long size, int part) {
      return (size + part - 1) / part;
    }
  }

  /**
   * Reads the start of a delta index of which not all has come. {@link InvalidDeltaIndexException}
   * if it is none, or cut before the end of the head.
   *
   * @param in at least {@link #HEAD_BYTES}, or all of a shorter one; its position is not changed
   */
  public static Head head(ByteBuffer in) {
    byte[] bytes = new byte[Math.min(in.remaining(), HEAD_BYTES)];
    in.duplicate().get(bytes);
    if (bytes.length < FIXED_BYTES) {
      throw new InvalidDeltaIndexException("delta index is cut");
    }
    if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new InvalidDeltaIndexException("no delta index: it does not start with GVMIDLT1");
    }
    DigestAlgorithm algorithm =
        DigestAlgorithm.ofMultihashCode(bytes[8] & 0xff)
            .filter(a -> a.digestBytes() == bytes[9])
            .orElseThrow(() -> new InvalidDeltaIndexException("delta index of an unknown digest"));
    int d = algorithm.digestBytes();
    if (bytes.length < FIXED_BYTES + d) {
      throw new InvalidDeltaIndexException("delta index is cut");
    }
    long size = ByteBuffer.wrap(bytes).getLong(10 + d);
    if (size < 1 || size > Geometry.MAX_SIZE_BYTES) {
      throw new InvalidDeltaIndexException(
          "delta index of an image of " + Long.toUnsignedString(size) + " bytes");
    }
    return new Head(ImageId.of(algorithm, Arrays.copyOfRange(bytes, 10, 10 + d)), size);
  }

  static ByteBuffer head(ImageId image, long sizeBytes) {
    byte[] digest = image.digest();
    return ByteBuffer.allocate(FIXED_BYTES + digest.length)
        .put(MAGIC)
        .put((byte) image.algorithm().multihashCode())
        .put((byte) digest.length)
        .put(digest)
        .putLong(sizeBytes)
        .flip();
  }

  /**
   * {@link InvalidDeltaIndexException} unless the spans have the lengths that spans can have, and
   * those of the image in all. Copies.
   */
  public static DeltaIndex parse(ByteBuffer in) {
    Head head = head(in);
    int length = in.remaining();
    if (!head.allows(length)) {
      throw new InvalidDeltaIndexException(
          "delta index of " + length + " bytes for an image of " + head.sizeBytes() + " bytes");
    }
    ByteBuffer entries = in.duplicate().position(in.position() + head.headBytes());
    checkLengths(entries, head.sizeBytes());
    byte[] bytes = new byte[length];
    in.duplicate().get(bytes);
    return new DeltaIndex(bytes, head);
  }

  private static void checkLengths(ByteBuffer entries, long sizeBytes) {
    long left = sizeBytes;
    for (int at = entries.position(); at < entries.limit(); at += ENTRY_BYTES) {
      int span = entries.getInt(at);
      boolean isLast = at + ENTRY_BYTES == entries.limit();
      if (span < (isLast ? 1 : SpanCutter.MIN_BYTES) || span > SpanCutter.MAX_BYTES) {
        throw new InvalidDeltaIndexException("span of " + span + " bytes");
      }
      left -= span;
    }
    if (left != 0) {
      throw new InvalidDeltaIndexException(
          "spans of " + (sizeBytes - left) + " bytes in an image of " + sizeBytes + " bytes");
    }
  }

  public ImageId image() {
    return head.image();
  }

  /** Size of the image. */
  public long sizeBytes() {
    return head.sizeBytes();
  }

  public int spanCount() {
    return (bytes.length - head.headBytes()) / ENTRY_BYTES;
  }

  /** Read-only view of the whole encoding. */
  public ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The spans in order, from the first byte of the image on without a gap. */
  @Override
  public Iterator<Span> iterator() {
    ByteBuffer entries = bytes().position(head.headBytes());
    return new Iterator<>() {
      private long offset;

      @Override
      public boolean hasNext() {
        return entries.hasRemaining();
      }

      @Override
      public Span next() {
        if (!hasNext()) {
          throw new NoSuchElementException("all spans were seen");
        }
        Span span = new Span(offset, entries.getInt(), SpanId.read(entries));
        offset = span.endBytes();
        return span;
      }
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeltaIndex index && Arrays.equals(index.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return head.hashCode();
  }

  @Override
  public String toString() {
    return "delta index of " + image() + ", " + spanCount() + " spans";
  }
}
