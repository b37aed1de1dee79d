package dev.gvmi.protocol.delta;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The first 16 bytes of the SHA-256 of a span, as two big-endian numbers. */
public record SpanId(long high, long low) {
  public static final int BYTES = 16;

  /** The next 16 bytes. */
  static SpanId read(ByteBuffer in) {
    return new SpanId(in.getLong(), in.getLong());
  }

  /** The first 16 of these bytes. */
  public static SpanId of(byte[] sha256) {
    return read(ByteBuffer.wrap(sha256));
  }

  /** Puts its 16 bytes. */
  public void write(ByteBuffer out) {
    out.putLong(high).putLong(low);
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
