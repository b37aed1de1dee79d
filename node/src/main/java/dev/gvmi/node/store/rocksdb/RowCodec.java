package dev.gvmi.node.store.rocksdb;

import dev.gvmi.node.store.file.FileStamp;
import dev.gvmi.node.store.file.ImageRow;
import dev.gvmi.node.store.file.ProgressRow;
import dev.gvmi.node.store.file.UseRow;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.BitSet;

/**
 * Rows of the index as bytes. Integers are big-endian.
 *
 * <pre>
 *   key           1 prefix: 'M' meta, 'I' image, 'P' progress, 'U' use; then the image's multihash (or the name of the meta row);
 *                 'R' provider record, 'O' own key in the DHT, 'K' known peer: see {@link NetworkRows}; 'D' and 'S': see {@link SpanCodec}
 *   M format      4 version
 *   I image      32 ManifestId; 8 completed at, seconds; 4 nanoseconds; 8 inode; 8 size; 8 mtime ns; 8 ctime ns; 4 links
 *   U use         1 flags, bit 0: pinned; 8 last used, seconds
 *   P progress   32 ManifestId; 4 n; n chunk bitmap; 4 m; m segment bitmap (bit i is bit i mod 8 of byte i / 8, trailing zero bytes left out)
 * </pre>
 *
 * A row that breaks the form is an {@link IllegalArgumentException}.
 */
final class RowCodec {
  static final int FORMAT = 1;

  private static final int MANIFEST_ID_BYTES = 32;
  private static final int IMAGE_ROW_BYTES = MANIFEST_ID_BYTES + 8 + 4 + 4 * 8 + 4;

  private static final int USE_ROW_BYTES = 1 + 8;
  private static final byte PINNED = 1;

  /** What kind of row a key is of: its first byte. */
  enum Prefix {
    META('M'),
    IMAGE('I'),
    PROGRESS('P'),
    RECORD('R'),
    OWN_KEY('O'),
    KNOWN_PEER('K'),
    USE('U'),
    DELTA('D'),
    SPAN('S');

    private final byte code;

    Prefix(char code) {
      this.code = (byte) code;
    }

    byte[] bytes() {
      return new byte[] {code};
    }

    /** The first key behind those of this kind. */
    byte[] end() {
      return new byte[] {(byte) (code + 1)};
    }

    byte[] key(byte[] name) {
      return ByteBuffer.allocate(1 + name.length).put(code).put(name).array();
    }

    boolean isOf(byte[] key) {
      return key.length > 0 && key[0] == code;
    }
  }

  private RowCodec() {}

  static byte[] key(Prefix prefix, ImageId image) {
    return prefix.key(image.multihash());
  }

  static ImageId image(byte[] key) {
    byte[] multihash = new byte[key.length - 1];
    System.arraycopy(key, 1, multihash, 0, multihash.length);
    return ImageId.fromMultihash(multihash);
  }

  static byte[] encode(ImageRow row) {
    FileStamp stamp = row.stamp();
    Instant completedAt = row.completedAt();
    return ByteBuffer.allocate(IMAGE_ROW_BYTES)
        .put(row.manifest().toBytes())
        .putLong(completedAt.getEpochSecond())
        .putInt(completedAt.getNano())
        .putLong(stamp.inode())
        .putLong(stamp.sizeBytes())
        .putLong(stamp.modifiedNanos())
        .putLong(stamp.changedNanos())
        .putInt(stamp.links())
        .array();
  }

  static ImageRow decodeImage(ImageId image, byte[] row) {
    if (row.length != IMAGE_ROW_BYTES) {
      throw new IllegalArgumentException("image row of " + row.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(row);
    ManifestId manifest = manifest(in);
    Instant completedAt = instant(in.getLong(), in.getInt());
    FileStamp stamp =
        new FileStamp(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getInt());
    return new ImageRow(image, manifest, stamp, completedAt);
  }

  static byte[] encode(UseRow row) {
    return ByteBuffer.allocate(USE_ROW_BYTES)
        .put(row.pinned() ? PINNED : 0)
        .putLong(row.lastUsed().getEpochSecond())
        .array();
  }

  static UseRow decodeUse(ImageId image, byte[] row) {
    if (row.length != USE_ROW_BYTES) {
      throw new IllegalArgumentException("use row of " + row.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(row);
    byte flags = in.get();
    if ((flags & ~PINNED) != 0) {
      throw new IllegalArgumentException("use row with flags " + flags);
    }
    return new UseRow(image, flags == PINNED, instant(in.getLong(), 0));
  }

  static byte[] encode(ProgressRow row) {
    byte[] chunks = row.chunks().toByteArray();
    byte[] segments = row.segments().toByteArray();
    return ByteBuffer.allocate(MANIFEST_ID_BYTES + 4 + chunks.length + 4 + segments.length)
        .put(row.manifest().toBytes())
        .putInt(chunks.length)
        .put(chunks)
        .putInt(segments.length)
        .put(segments)
        .array();
  }

  static ProgressRow decodeProgress(ImageId image, byte[] row) {
    ByteBuffer in = ByteBuffer.wrap(row);
    try {
      ManifestId manifest = manifest(in);
      BitSet chunks = bits(in);
      BitSet segments = bits(in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException("progress row is too long");
      }
      return new ProgressRow(image, manifest, chunks, segments);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("progress row is too short", e);
    }
  }

  private static ManifestId manifest(ByteBuffer in) {
    byte[] bytes = new byte[MANIFEST_ID_BYTES];
    in.get(bytes);
    return ManifestId.fromBytes(bytes);
  }

  private static Instant instant(long seconds, int nanos) {
    try {
      ChronoField.NANO_OF_SECOND.checkValidValue(nanos);
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("image row has no such time", e);
    }
  }

  private static BitSet bits(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("bitmap of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return BitSet.valueOf(bytes);
  }
}
