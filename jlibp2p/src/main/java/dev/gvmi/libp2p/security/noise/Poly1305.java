package dev.gvmi.libp2p.security.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The one-time authenticator of RFC 8439, section 2.5, over input that is padded to blocks with
 * zeros as its AEAD construction wants it.
 *
 * <p>Why it is here: the JDK's is a fast one only where the processor has AVX-512; elsewhere it
 * costs more than the cipher. This one keeps the accumulator in three 64-bit limbs (radix 2^64, the
 * third of a few bits) and uses the processor's 64 x 64 multiplication. No branch and no index
 * depends on a secret.
 *
 * <p>Not thread-safe.
 */
final class Poly1305 {
  static final int KEY_BYTES = 32;
  static final int TAG_BYTES = 16;

  private static final int BLOCK = 16;
  private static final long R0_MASK = 0x0ffffffc0fffffffL;
  private static final long R1_MASK = 0x0ffffffc0ffffffcL;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] last = new byte[BLOCK];
  private long r0;
  private long r1;
  private long pad0;
  private long pad1;
  private long h0;
  private long h1;
  private long h2;

  /** Begins a message under a key that was never used before. */
  void init(byte[] key) {
    r0 = get(key, 0) & R0_MASK;
    r1 = get(key, 8) & R1_MASK;
    pad0 = get(key, 16);
    pad1 = get(key, 24);
    h0 = 0;
    h1 = 0;
    h2 = 0;
  }

  private static long get(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  /** Takes in bytes, and zeros after them up to a whole block. */
  void update(byte[] bytes, int offset, int length) {
    int whole = length - length % BLOCK;
    blocks(bytes, offset, whole);
    if (whole < length) {
      Arrays.fill(last, (byte) 0);
      System.arraycopy(bytes, offset + whole, last, 0, length - whole);
      blocks(last, 0, BLOCK);
    }
  }

  /** Takes in a block of two lengths, and writes the tag. */
  void finish(long adBytes, long textBytes, byte[] out, int at) {
    LONGS.set(last, 0, adBytes);
    LONGS.set(last, 8, textBytes);
    blocks(last, 0, BLOCK);
    // h - p, which is h + 5 - 2^130: taken where h was not less than p
    long g0 = h0 + 5;
    long carry = carry(h0, 5, g0);
    long g1 = h1 + carry;
    carry = carry(h1, carry, g1);
    long g2 = h2 + carry;
    long take = -((g2 >>> 2) & 1);
    long t0 = (h0 & ~take) | (g0 & take);
    long t1 = (h1 & ~take) | (g1 & take);
    long low = t0 + pad0;
    LONGS.set(out, at, low);
    LONGS.set(out, at + 8, t1 + pad1 + carry(t0, pad0, low));
  }

  /** The carry of an addition. */
  private static long carry(long a, long b, long sum) {
    return ((a & b) | ((a | b) & ~sum)) >>> 63;
  }

  /**
   * h = (h + block + 2^128) r mod 2^130 - 5, lazily reduced. As the low bits of r1 are zero, r1 h1
   * 2^128 is (r1 + r1 / 4) h1 mod p.
   */
  private void blocks(byte[] bytes, int offset, int length) {
    long a0 = h0;
    long a1 = h1;
    long a2 = h2;
    long k0 = r0;
    long k1 = r1;
    long s1 = k1 + (k1 >>> 2);
    for (int at = offset; at < offset + length; at += BLOCK) {
      long m0 = get(bytes, at);
      long m1 = get(bytes, at + 8);
      long sum = a0 + m0;
      long c = carry(a0, m0, sum);
      a0 = sum;
      sum = a1 + m1;
      long c1 = carry(a1, m1, sum);
      a1 = sum + c;
      a2 += 1 + c1 + carry(sum, c, a1);

      long x = a0 * k0;
      long y = a1 * s1;
      long d0 = x + y;
      long d0High =
          Math.unsignedMultiplyHigh(a0, k0) + Math.unsignedMultiplyHigh(a1, s1) + carry(x, y, d0);
      x = a0 * k1;
      y = a1 * k0;
      long z = x + y;
      long d1High =
          Math.unsignedMultiplyHigh(a0, k1) + Math.unsignedMultiplyHigh(a1, k0) + carry(x, y, z);
      y = a2 * s1;
      long d1 = z + y;
      d1High += carry(z, y, d1);

      a0 = d0;
      a1 = d1 + d0High;
      a2 = a2 * k0 + d1High + carry(d1, d0High, a1);
      long over = (a2 >>> 2) + (a2 & ~3L);
      a2 &= 3;
      sum = a0 + over;
      c = carry(a0, over, sum);
      a0 = sum;
      sum = a1 + c;
      a2 += carry(a1, c, sum);
      a1 = sum;
    }
    h0 = a0;
    h1 = a1;
    h2 = a2;
  }
}
