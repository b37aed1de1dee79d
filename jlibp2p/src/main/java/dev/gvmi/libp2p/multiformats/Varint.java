package dev.gvmi.libp2p.multiformats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Unsigned varint: 7 bits per byte, low group first, at most 9 bytes, minimal. Pure.
 *
 * <p><b>Source:</b> multiformats, unsigned-varint.
 */
public final class Varint {
  /** No varint is longer. */
  public static final int MAX_BYTES = 9;

  private Varint() {}

  /** Bytes that {@code value} takes. */
  public static int size(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a varint is not negative: " + value);
    }
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  /** Writes {@code value} at the position of {@code out}. */
  public static void put(long value, ByteBuffer out) {
    int size = size(value);
    long rest = value;
    for (int i = 1; i < size; i++) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  /** The bytes of {@code value}. */
  public static byte[] encode(long value) {
    ByteBuffer out = ByteBuffer.allocate(size(value));
    put(value, out);
    return out.array();
  }

  /**
   * Reads one from the position of {@code in}.
   *
   * @throws IllegalArgumentException if it is too long or not minimal
   * @throws BufferUnderflowException if it is cut
   */
  public static long get(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      int b = in.get();
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw new IllegalArgumentException("varint is not minimal");
        }
        return value;
      }
    }
    throw new IllegalArgumentException("varint longer than " + MAX_BYTES + " bytes");
  }
}
