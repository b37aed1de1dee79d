package dev.gvmi.protocol.sha3;

/**
 * Keccak-f[1600], the permutation of SHA-3.
 *
 * <p>The 25 lanes live in locals, one round is straight-line code in a loop of 24: small enough for
 * the JIT to keep the lanes in registers and stack slots, without the bounds checks of arrays. The
 * column parities of the next round are summed as its lanes are made. The order of planes and lanes
 * is the fastest of some hundred that were measured: the JIT's choice of registers depends on it.
 * It wants {@code -XX:-UseFPUForSpilling}, which the launcher sets.
 *
 * <p><b>Source:</b> FIPS 202, section 3; lane x + 5 y.
 */
final class Keccak {
  private static final long[] ROUND_CONSTANTS = {
    0x0000000000000001L, 0x0000000000008082L, 0x800000000000808aL,
    0x8000000080008000L, 0x000000000000808bL, 0x0000000080000001L,
    0x8000000080008081L, 0x8000000000008009L, 0x000000000000008aL,
    0x0000000000000088L, 0x0000000080008009L, 0x000000008000000aL,
    0x000000008000808bL, 0x800000000000008bL, 0x8000000000008089L,
    0x8000000000008003L, 0x8000000000008002L, 0x8000000000000080L,
    0x000000000000800aL, 0x800000008000000aL, 0x8000000080008081L,
    0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L,
  };

  static final int ROUNDS = 24;

  private Keccak() {}

  static long constant(int round) {
    return ROUND_CONSTANTS[round];
  }

  static long[] constants() {
    return ROUND_CONSTANTS.clone();
  }

  /** Permutes 25 lanes in place. */
  static void permute(long[] state) {
    long a0 = state[0];
    long a1 = state[1];
    long a2 = state[2];
    long a3 = state[3];
    long a4 = state[4];
    long a5 = state[5];
    long a6 = state[6];
    long a7 = state[7];
    long a8 = state[8];
    long a9 = state[9];
    long a10 = state[10];
    long a11 = state[11];
    long a12 = state[12];
    long a13 = state[13];
    long a14 = state[14];
    long a15 = state[15];
    long a16 = state[16];
    long a17 = state[17];
    long a18 = state[18];
    long a19 = state[19];
    long a20 = state[20];
    long a21 = state[21];
    long a22 = state[22];
    long a23 = state[23];
    long a24 = state[24];
    long c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
    long c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
    long c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
    long c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
    long c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
    for (long constant : ROUND_CONSTANTS) {
      long d0 = c4 ^ Long.rotateLeft(c1, 1);
      long d1 = c0 ^ Long.rotateLeft(c2, 1);
      long d2 = c1 ^ Long.rotateLeft(c3, 1);
      long d3 = c2 ^ Long.rotateLeft(c4, 1);
      long d4 = c3 ^ Long.rotateLeft(c0, 1);
      long b13 = Long.rotateLeft(a19 ^ d4, 8);
      long b11 = Long.rotateLeft(a7 ^ d2, 6);
      long b12 = Long.rotateLeft(a13 ^ d3, 25);
      long b14 = Long.rotateLeft(a20 ^ d0, 18);
      long b10 = Long.rotateLeft(a1 ^ d1, 1);
      long e10 = b10 ^ (~b11 & b12);
      c0 = e10;
      long e11 = b11 ^ (~b12 & b13);
      c1 = e11;
      long e12 = b12 ^ (~b13 & b14);
      c2 = e12;
      long e13 = b13 ^ (~b14 & b10);
      c3 = e13;
      long e14 = b14 ^ (~b10 & b11);
      c4 = e14;
      long b8 = Long.rotateLeft(a16 ^ d1, 45);
      long b6 = Long.rotateLeft(a9 ^ d4, 20);
      long b7 = Long.rotateLeft(a10 ^ d0, 3);
      long b9 = Long.rotateLeft(a22 ^ d2, 61);
      long b5 = Long.rotateLeft(a3 ^ d3, 28);
      long e5 = b5 ^ (~b6 & b7);
      c0 ^= e5;
      long e6 = b6 ^ (~b7 & b8);
      c1 ^= e6;
      long e7 = b7 ^ (~b8 & b9);
      c2 ^= e7;
      long e8 = b8 ^ (~b9 & b5);
      c3 ^= e8;
      long e9 = b9 ^ (~b5 & b6);
      c4 ^= e9;
      long b23 = Long.rotateLeft(a15 ^ d0, 41);
      long b21 = Long.rotateLeft(a8 ^ d3, 55);
      long b22 = Long.rotateLeft(a14 ^ d4, 39);
      long b24 = Long.rotateLeft(a21 ^ d1, 2);
      long b20 = Long.rotateLeft(a2 ^ d2, 62);
      long e20 = b20 ^ (~b21 & b22);
      c0 ^= e20;
      long e21 = b21 ^ (~b22 & b23);
      c1 ^= e21;
      long e22 = b22 ^ (~b23 & b24);
      c2 ^= e22;
      long e23 = b23 ^ (~b24 & b20);
      c3 ^= e23;
      long e24 = b24 ^ (~b20 & b21);
      c4 ^= e24;
      long b18 = Long.rotateLeft(a17 ^ d2, 15);
      long b16 = Long.rotateLeft(a5 ^ d0, 36);
      long b17 = Long.rotateLeft(a11 ^ d1, 10);
      long b19 = Long.rotateLeft(a23 ^ d3, 56);
      long b15 = Long.rotateLeft(a4 ^ d4, 27);
      long e15 = b15 ^ (~b16 & b17);
      c0 ^= e15;
      long e16 = b16 ^ (~b17 & b18);
      c1 ^= e16;
      long e17 = b17 ^ (~b18 & b19);
      c2 ^= e17;
      long e18 = b18 ^ (~b19 & b15);
      c3 ^= e18;
      long e19 = b19 ^ (~b15 & b16);
      c4 ^= e19;
      long b3 = Long.rotateLeft(a18 ^ d3, 21);
      long b1 = Long.rotateLeft(a6 ^ d1, 44);
      long b2 = Long.rotateLeft(a12 ^ d2, 43);
      long b4 = Long.rotateLeft(a24 ^ d4, 14);
      long b0 = a0 ^ d0;
      long e0 = b0 ^ (~b1 & b2) ^ constant;
      c0 ^= e0;
      long e1 = b1 ^ (~b2 & b3);
      c1 ^= e1;
      long e2 = b2 ^ (~b3 & b4);
      c2 ^= e2;
      long e3 = b3 ^ (~b4 & b0);
      c3 ^= e3;
      long e4 = b4 ^ (~b0 & b1);
      c4 ^= e4;
      a0 = e0;
      a1 = e1;
      a2 = e2;
      a3 = e3;
      a4 = e4;
      a5 = e5;
      a6 = e6;
      a7 = e7;
      a8 = e8;
      a9 = e9;
      a10 = e10;
      a11 = e11;
      a12 = e12;
      a13 = e13;
      a14 = e14;
      a15 = e15;
      a16 = e16;
      a17 = e17;
      a18 = e18;
      a19 = e19;
      a20 = e20;
      a21 = e21;
      a22 = e22;
      a23 = e23;
      a24 = e24;
    }
    state[0] = a0;
    state[1] = a1;
    state[2] = a2;
    state[3] = a3;
    state[4] = a4;
    state[5] = a5;
    state[6] = a6;
    state[7] = a7;
    state[8] = a8;
    state[9] = a9;
    state[10] = a10;
    state[11] = a11;
    state[12] = a12;
    state[13] = a13;
    state[14] = a14;
    state[15] = a15;
    state[16] = a16;
    state[17] = a17;
    state[18] = a18;
    state[19] = a19;
    state[20] = a20;
    state[21] = a21;
    state[22] = a22;
    state[23] = a23;
    state[24] = a24;
  }
}
