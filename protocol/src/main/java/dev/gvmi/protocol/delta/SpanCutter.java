package dev.gvmi.protocol.delta;

import dev.gvmi.protocol.sha256.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Finds where spans end: FastCDC with normalised chunking. Fed with the bytes of an image in pieces
 * of any length; what it finds does not depend on how they are cut.
 *
 * <p>A rolling sum h over the bytes of a span, each through a table of random numbers and shifted
 * out to the left, is zero in its top bits by chance: at such a byte the span ends. That depends on
 * 64 bytes only, so that boundaries come back behind a place where bytes were put in, taken out or
 * changed. Up to the normal length 18 bits must be zero, from there on 14: so lengths gather around
 * it. The first {@link #MIN_BYTES} of a span are not looked at.
 *
 * <p><b>Thread:</b> one. <b>Source:</b> W. Xia et al., "FastCDC", USENIX ATC 2016; the numbers are
 * those of docs/protocol/manifest.md.
 */
public final class SpanCutter {
  /** Only the last span of an image may be shorter. */
  public static final int MIN_BYTES = 16 << 10;

  /** No span is longer. */
  public static final int MAX_BYTES = 512 << 10;

  private static final int NORMAL_BYTES = 64 << 10;
  private static final long MASK_SHORT = -1L << (64 - 18);
  private static final long MASK_LONG = -1L << (64 - 14);
  private static final long[] GEAR = gear();

  private int length;
  private long sum;
  private boolean atEnd;

  private static long[] gear() {
    long[] table = new long[256];
    MessageDigest sha = Sha256.jdk();
    for (int i = 0; i < table.length; i++) {
      sha.update("gvmi-gear-v1".getBytes(StandardCharsets.US_ASCII));
      sha.update((byte) i);
      table[i] = ByteBuffer.wrap(sha.digest()).getLong();
    }
    return table;
  }

  /**
   * Takes the next bytes, up to the end of the span if it is among them.
   *
   * @return where it stopped: behind the span if {@link #isAtEnd} says so, else at {@code to}
   */
  public int take(byte[] bytes, int from, int to) {
    if (atEnd) {
      atEnd = false;
      length = 0;
      sum = 0;
    }
    int at = from + Math.min(to - from, Math.max(0, MIN_BYTES - length));
    length += at - from;
    at = search(bytes, at, to, NORMAL_BYTES, MASK_SHORT);
    at = search(bytes, at, to, MAX_BYTES, MASK_LONG);
    atEnd |= length == MAX_BYTES;
    return at;
  }

  /** Whether the span ends where {@link #take} stopped. */
  public boolean isAtEnd() {
    return atEnd;
  }

  /** Bytes of the span so far. */
  public int lengthBytes() {
    return length;
  }

  /** Looks for the end as long as the span is shorter than {@code most}. */
  private int search(byte[] bytes, int from, int to, int most, long mask) {
    if (atEnd || length < MIN_BYTES || length >= most) {
      return from;
    }
    int stop = from + Math.min(to - from, most - length);
    long h = sum;
    int at = from;
    while (at < stop) {
      h = (h << 1) + GEAR[bytes[at++] & 0xff];
      if ((h & mask) == 0) {
        atEnd = true;
        break;
      }
    }
    sum = h;
    length += at - from;
    return at;
  }
}
