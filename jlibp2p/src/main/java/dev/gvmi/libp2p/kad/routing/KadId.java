package dev.gvmi.libp2p.kad.routing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A point of the key space: 256 bits, the SHA-256 of a key. Distance is the XOR of two points, read
 * as a big-endian number.
 *
 * <p><b>Source:</b> libp2p kad-dht specification, Distance.
 */
public record KadId(long a, long b, long c, long d) {
  public static final int BITS = 256;

  /** Where a key lies. */
  public static KadId of(byte[] key) {
    try {
      ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(key));
      return new KadId(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  public KadId distance(KadId other) {
    return new KadId(a ^ other.a, b ^ other.b, c ^ other.c, d ^ other.d);
  }

  /** How many leading bits are equal: 0 to 256. */
  public int commonPrefix(KadId other) {
    if (a != other.a) {
      return Long.numberOfLeadingZeros(a ^ other.a);
    }
    if (b != other.b) {
      return 64 + Long.numberOfLeadingZeros(b ^ other.b);
    }
    if (c != other.c) {
      return 128 + Long.numberOfLeadingZeros(c ^ other.c);
    }
    return 192 + Long.numberOfLeadingZeros(d ^ other.d);
  }

  /** Negative if {@code left} is nearer to this point than {@code right}. */
  public int compareDistance(KadId left, KadId right) {
    int order = Long.compareUnsigned(a ^ left.a, a ^ right.a);
    if (order == 0) {
      order = Long.compareUnsigned(b ^ left.b, b ^ right.b);
    }
    if (order == 0) {
      order = Long.compareUnsigned(c ^ left.c, c ^ right.c);
    }
    return order == 0 ? Long.compareUnsigned(d ^ left.d, d ^ right.d) : order;
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(a) + hex.toHexDigits(b) + hex.toHexDigits(c) + hex.toHexDigits(d);
  }
}
