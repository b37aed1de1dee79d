package dev.gvmi.node.store.rocksdb;

import dev.gvmi.node.store.file.DeltaRow;
import dev.gvmi.node.store.file.SpanTable;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanCutter;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;

/**
 * Rows of spans as bytes. Integers are big-endian.
 *
 * <pre>
 *   key                                  row
 *   'D', image's multihash               4 number; 4 spans; 1 whole (0 or 1)
 *   'S', 16 span id, 4 number            8 offset; 4 length
 * </pre>
 *
 * A row that breaks the form is an {@link IllegalArgumentException}.
 */
final class SpanCodec {
  /** Of the rows of spans alone: those of another one are dropped, and made again. */
  static final int FORMAT = 1;

  private static final int SPAN_KEY_BYTES = 1 + SpanId.BYTES + Integer.BYTES;
  private static final int SPAN_ROW_BYTES = Long.BYTES + Integer.BYTES;
  private static final int DELTA_ROW_BYTES = 2 * Integer.BYTES + 1;

  private SpanCodec() {}

  static byte[] encode(DeltaRow row) {
    return ByteBuffer.allocate(DELTA_ROW_BYTES)
        .putInt(row.number())
        .putInt(row.spans())
        .put((byte) (row.whole() ? 1 : 0))
        .array();
  }

  static DeltaRow decode(ImageId image, byte[] row) {
    if (row.length != DELTA_ROW_BYTES || (row[DELTA_ROW_BYTES - 1] & ~1) != 0) {
      throw new IllegalArgumentException("delta row of " + row.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(row);
    int number = in.getInt();
    int spans = in.getInt();
    if (number < 0 || spans < 0) {
      throw new IllegalArgumentException(
          "delta row with number " + number + ", " + spans + " spans");
    }
    return new DeltaRow(image, number, spans, in.get() == 1);
  }

  /** What the keys of all places of a span begin with. */
  static byte[] prefix(SpanId id) {
    ByteBuffer name = ByteBuffer.allocate(SpanId.BYTES);
    id.write(name);
    return RowCodec.Prefix.SPAN.key(name.array());
  }

  static byte[] key(SpanId id, int number) {
    ByteBuffer name = ByteBuffer.allocate(SpanId.BYTES + Integer.BYTES);
    id.write(name);
    return RowCodec.Prefix.SPAN.key(name.putInt(number).array());
  }

  static byte[] row(Span span) {
    return ByteBuffer.allocate(SPAN_ROW_BYTES)
        .putLong(span.offsetBytes())
        .putInt(span.lengthBytes())
        .array();
  }

  static SpanId id(byte[] key) {
    return new SpanId(spanKey(key).getLong(1), spanKey(key).getLong(1 + Long.BYTES));
  }

  static int number(byte[] key) {
    return spanKey(key).getInt(1 + SpanId.BYTES);
  }

  static boolean isKey(byte[] key) {
    return key.length == SPAN_KEY_BYTES;
  }

  private static ByteBuffer spanKey(byte[] key) {
    if (!isKey(key)) {
      throw new IllegalArgumentException("span key of " + key.length + " bytes");
    }
    return ByteBuffer.wrap(key);
  }

  static SpanTable.Place place(byte[] key, byte[] row) {
    if (row.length != SPAN_ROW_BYTES) {
      throw new IllegalArgumentException("span row of " + row.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(row);
    long offset = in.getLong();
    int length = in.getInt();
    if (offset < 0 || offset > Long.MAX_VALUE / 2 || length < 1 || length > SpanCutter.MAX_BYTES) {
      throw new IllegalArgumentException("span of " + length + " bytes at " + offset);
    }
    return new SpanTable.Place(number(key), offset, length);
  }
}
