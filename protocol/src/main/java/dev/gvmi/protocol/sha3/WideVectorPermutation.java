package dev.gvmi.protocol.sha3;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.gvmi.protocol.vector.Vectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Keccak-f[1600] of several states at once, one in each lane of the vectors, on a machine with 32
 * vector registers, rotations and operations of three inputs (AVX-512): the 25 lanes stay in
 * registers for all rounds, and most lines of a round are one or two instructions. Blocks of four
 * states are transposed in registers, too.
 *
 * <p>The species is a constant of each copy of this class, and methods call nothing but the Vector
 * API, as with {@link VectorPermutation}.
 *
 * <p><b>Source:</b> FIPS 202, section 3; lane x + 5 y.
 */
final class WideVectorPermutation implements LanePermutation {
  private static final VectorSpecies<Long> SPECIES =
      Vectors.shape(MethodHandles.lookup()).withLanes(long.class);
  private static final int N = SPECIES.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LE);
  private static final long[] CONSTANTS = Keccak.constants();

  /**
   * What a step of a transposition takes of two rows: their even, or odd, squares of this width, in
   * turn.
   */
  private static final LongVector EVEN_1 = squares(1, 0);

  private static final LongVector ODD_1 = squares(1, 1);
  private static final LongVector EVEN_2 = squares(2, 0);
  private static final LongVector ODD_2 = squares(2, 1);

  private static LongVector squares(int width, int odd) {
    long[] indices = new long[N];
    for (int i = 0; i < N; i++) {
      int square = i / width;
      int row = square % 2;
      int index = row * N + ((square - row + odd) * width + i % width) % N;
      indices[i] = index;
    }
    return LongVector.fromArray(SPECIES, indices, 0);
  }

  @Override
  public int lanes() {
    return N;
  }

  @Override
  public boolean isComplemented(int lane) {
    return false;
  }

  @Override
  public void absorb(long[] states, MemorySegment[] pieces, int rate, int bytes) {
    int count = rate / Long.BYTES;
    int transposed = N == 4 ? count - count % N : 0;
    for (int at = 0; at < bytes; at += rate) {
      for (int row = 0; row < transposed; row += N) {
        addTransposed(states, pieces, at, row);
      }
      for (int lane = 0; lane < N; lane++) {
        add(states, lane, pieces[lane], at, transposed, count);
      }
      permute(states);
    }
  }

  /**
   * To one state the lanes {@code from} to {@code to}, exclusively, of the block at {@code block}.
   */
  private static void add(
      long[] states, int lane, MemorySegment piece, long block, int from, int to) {
    for (int row = from; row < to; row++) {
      states[row * N + lane] ^= piece.get(LONG, block + (long) row * Long.BYTES);
    }
  }

  /** To each state four lanes of the block at {@code block} of its piece. */
  private static void addTransposed(long[] states, MemorySegment[] pieces, long block, int row) {
    long at = block + (long) row * Long.BYTES;
    LongVector p0 = LongVector.fromMemorySegment(SPECIES, pieces[0], at, LE);
    LongVector p1 = LongVector.fromMemorySegment(SPECIES, pieces[1], at, LE);
    LongVector p2 = LongVector.fromMemorySegment(SPECIES, pieces[2], at, LE);
    LongVector p3 = LongVector.fromMemorySegment(SPECIES, pieces[3], at, LE);
    LongVector q0 = EVEN_1.selectFrom(p0, p1);
    LongVector q1 = ODD_1.selectFrom(p0, p1);
    LongVector q2 = EVEN_1.selectFrom(p2, p3);
    LongVector q3 = ODD_1.selectFrom(p2, p3);
    add(states, row, EVEN_2.selectFrom(q0, q2));
    add(states, row + 1, EVEN_2.selectFrom(q1, q3));
    add(states, row + 2, ODD_2.selectFrom(q0, q2));
    add(states, row + 3, ODD_2.selectFrom(q1, q3));
  }

  private static void add(long[] states, int row, LongVector lanes) {
    LongVector.fromArray(SPECIES, states, row * N).lanewise(XOR, lanes).intoArray(states, row * N);
  }

  /**
   * All rounds. Blocks are added before, and the complement is an XOR, as each vector that is
   * loaded here and each operation that is made of others is hundreds of nodes to the JIT, and some
   * MB.
   */
  private static void permute(long[] states) {
    LongVector a0 = LongVector.fromArray(SPECIES, states, 0 * N);
    LongVector a1 = LongVector.fromArray(SPECIES, states, 1 * N);
    LongVector a2 = LongVector.fromArray(SPECIES, states, 2 * N);
    LongVector a3 = LongVector.fromArray(SPECIES, states, 3 * N);
    LongVector a4 = LongVector.fromArray(SPECIES, states, 4 * N);
    LongVector a5 = LongVector.fromArray(SPECIES, states, 5 * N);
    LongVector a6 = LongVector.fromArray(SPECIES, states, 6 * N);
    LongVector a7 = LongVector.fromArray(SPECIES, states, 7 * N);
    LongVector a8 = LongVector.fromArray(SPECIES, states, 8 * N);
    LongVector a9 = LongVector.fromArray(SPECIES, states, 9 * N);
    LongVector a10 = LongVector.fromArray(SPECIES, states, 10 * N);
    LongVector a11 = LongVector.fromArray(SPECIES, states, 11 * N);
    LongVector a12 = LongVector.fromArray(SPECIES, states, 12 * N);
    LongVector a13 = LongVector.fromArray(SPECIES, states, 13 * N);
    LongVector a14 = LongVector.fromArray(SPECIES, states, 14 * N);
    LongVector a15 = LongVector.fromArray(SPECIES, states, 15 * N);
    LongVector a16 = LongVector.fromArray(SPECIES, states, 16 * N);
    LongVector a17 = LongVector.fromArray(SPECIES, states, 17 * N);
    LongVector a18 = LongVector.fromArray(SPECIES, states, 18 * N);
    LongVector a19 = LongVector.fromArray(SPECIES, states, 19 * N);
    LongVector a20 = LongVector.fromArray(SPECIES, states, 20 * N);
    LongVector a21 = LongVector.fromArray(SPECIES, states, 21 * N);
    LongVector a22 = LongVector.fromArray(SPECIES, states, 22 * N);
    LongVector a23 = LongVector.fromArray(SPECIES, states, 23 * N);
    LongVector a24 = LongVector.fromArray(SPECIES, states, 24 * N);
    LongVector ones = LongVector.broadcast(SPECIES, -1L);
    for (int round = 0; round < Keccak.ROUNDS; round++) {
      LongVector c0 = a0.lanewise(XOR, a5).lanewise(XOR, a10).lanewise(XOR, a15).lanewise(XOR, a20);
      LongVector c1 = a1.lanewise(XOR, a6).lanewise(XOR, a11).lanewise(XOR, a16).lanewise(XOR, a21);
      LongVector c2 = a2.lanewise(XOR, a7).lanewise(XOR, a12).lanewise(XOR, a17).lanewise(XOR, a22);
      LongVector c3 = a3.lanewise(XOR, a8).lanewise(XOR, a13).lanewise(XOR, a18).lanewise(XOR, a23);
      LongVector c4 = a4.lanewise(XOR, a9).lanewise(XOR, a14).lanewise(XOR, a19).lanewise(XOR, a24);
      LongVector r0 = c0.lanewise(ROL, 1);
      LongVector r1 = c1.lanewise(ROL, 1);
      LongVector r2 = c2.lanewise(ROL, 1);
      LongVector r3 = c3.lanewise(ROL, 1);
      LongVector r4 = c4.lanewise(ROL, 1);
      LongVector b0 = a0.lanewise(XOR, c4).lanewise(XOR, r1);
      LongVector b1 = a6.lanewise(XOR, c0).lanewise(XOR, r2).lanewise(ROL, 44);
      LongVector b2 = a12.lanewise(XOR, c1).lanewise(XOR, r3).lanewise(ROL, 43);
      LongVector b3 = a18.lanewise(XOR, c2).lanewise(XOR, r4).lanewise(ROL, 21);
      LongVector b4 = a24.lanewise(XOR, c3).lanewise(XOR, r0).lanewise(ROL, 14);
      LongVector e0 =
          b0.lanewise(XOR, b1.lanewise(XOR, ones).lanewise(AND, b2))
              .lanewise(XOR, CONSTANTS[round]);
      LongVector e1 = b1.lanewise(XOR, b2.lanewise(XOR, ones).lanewise(AND, b3));
      LongVector e2 = b2.lanewise(XOR, b3.lanewise(XOR, ones).lanewise(AND, b4));
      LongVector e3 = b3.lanewise(XOR, b4.lanewise(XOR, ones).lanewise(AND, b0));
      LongVector e4 = b4.lanewise(XOR, b0.lanewise(XOR, ones).lanewise(AND, b1));
      LongVector b5 = a3.lanewise(XOR, c2).lanewise(XOR, r4).lanewise(ROL, 28);
      LongVector b6 = a9.lanewise(XOR, c3).lanewise(XOR, r0).lanewise(ROL, 20);
      LongVector b7 = a10.lanewise(XOR, c4).lanewise(XOR, r1).lanewise(ROL, 3);
      LongVector b8 = a16.lanewise(XOR, c0).lanewise(XOR, r2).lanewise(ROL, 45);
      LongVector b9 = a22.lanewise(XOR, c1).lanewise(XOR, r3).lanewise(ROL, 61);
      LongVector e5 = b5.lanewise(XOR, b6.lanewise(XOR, ones).lanewise(AND, b7));
      LongVector e6 = b6.lanewise(XOR, b7.lanewise(XOR, ones).lanewise(AND, b8));
      LongVector e7 = b7.lanewise(XOR, b8.lanewise(XOR, ones).lanewise(AND, b9));
      LongVector e8 = b8.lanewise(XOR, b9.lanewise(XOR, ones).lanewise(AND, b5));
      LongVector e9 = b9.lanewise(XOR, b5.lanewise(XOR, ones).lanewise(AND, b6));
      LongVector b10 = a1.lanewise(XOR, c0).lanewise(XOR, r2).lanewise(ROL, 1);
      LongVector b11 = a7.lanewise(XOR, c1).lanewise(XOR, r3).lanewise(ROL, 6);
      LongVector b12 = a13.lanewise(XOR, c2).lanewise(XOR, r4).lanewise(ROL, 25);
      LongVector b13 = a19.lanewise(XOR, c3).lanewise(XOR, r0).lanewise(ROL, 8);
      LongVector b14 = a20.lanewise(XOR, c4).lanewise(XOR, r1).lanewise(ROL, 18);
      LongVector e10 = b10.lanewise(XOR, b11.lanewise(XOR, ones).lanewise(AND, b12));
      LongVector e11 = b11.lanewise(XOR, b12.lanewise(XOR, ones).lanewise(AND, b13));
      LongVector e12 = b12.lanewise(XOR, b13.lanewise(XOR, ones).lanewise(AND, b14));
      LongVector e13 = b13.lanewise(XOR, b14.lanewise(XOR, ones).lanewise(AND, b10));
      LongVector e14 = b14.lanewise(XOR, b10.lanewise(XOR, ones).lanewise(AND, b11));
      LongVector b15 = a4.lanewise(XOR, c3).lanewise(XOR, r0).lanewise(ROL, 27);
      LongVector b16 = a5.lanewise(XOR, c4).lanewise(XOR, r1).lanewise(ROL, 36);
      LongVector b17 = a11.lanewise(XOR, c0).lanewise(XOR, r2).lanewise(ROL, 10);
      LongVector b18 = a17.lanewise(XOR, c1).lanewise(XOR, r3).lanewise(ROL, 15);
      LongVector b19 = a23.lanewise(XOR, c2).lanewise(XOR, r4).lanewise(ROL, 56);
      LongVector e15 = b15.lanewise(XOR, b16.lanewise(XOR, ones).lanewise(AND, b17));
      LongVector e16 = b16.lanewise(XOR, b17.lanewise(XOR, ones).lanewise(AND, b18));
      LongVector e17 = b17.lanewise(XOR, b18.lanewise(XOR, ones).lanewise(AND, b19));
      LongVector e18 = b18.lanewise(XOR, b19.lanewise(XOR, ones).lanewise(AND, b15));
      LongVector e19 = b19.lanewise(XOR, b15.lanewise(XOR, ones).lanewise(AND, b16));
      LongVector b20 = a2.lanewise(XOR, c1).lanewise(XOR, r3).lanewise(ROL, 62);
      LongVector b21 = a8.lanewise(XOR, c2).lanewise(XOR, r4).lanewise(ROL, 55);
      LongVector b22 = a14.lanewise(XOR, c3).lanewise(XOR, r0).lanewise(ROL, 39);
      LongVector b23 = a15.lanewise(XOR, c4).lanewise(XOR, r1).lanewise(ROL, 41);
      LongVector b24 = a21.lanewise(XOR, c0).lanewise(XOR, r2).lanewise(ROL, 2);
      LongVector e20 = b20.lanewise(XOR, b21.lanewise(XOR, ones).lanewise(AND, b22));
      LongVector e21 = b21.lanewise(XOR, b22.lanewise(XOR, ones).lanewise(AND, b23));
      LongVector e22 = b22.lanewise(XOR, b23.lanewise(XOR, ones).lanewise(AND, b24));
      LongVector e23 = b23.lanewise(XOR, b24.lanewise(XOR, ones).lanewise(AND, b20));
      LongVector e24 = b24.lanewise(XOR, b20.lanewise(XOR, ones).lanewise(AND, b21));
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
    a0.intoArray(states, 0 * N);
    a1.intoArray(states, 1 * N);
    a2.intoArray(states, 2 * N);
    a3.intoArray(states, 3 * N);
    a4.intoArray(states, 4 * N);
    a5.intoArray(states, 5 * N);
    a6.intoArray(states, 6 * N);
    a7.intoArray(states, 7 * N);
    a8.intoArray(states, 8 * N);
    a9.intoArray(states, 9 * N);
    a10.intoArray(states, 10 * N);
    a11.intoArray(states, 11 * N);
    a12.intoArray(states, 12 * N);
    a13.intoArray(states, 13 * N);
    a14.intoArray(states, 14 * N);
    a15.intoArray(states, 15 * N);
    a16.intoArray(states, 16 * N);
    a17.intoArray(states, 17 * N);
    a18.intoArray(states, 18 * N);
    a19.intoArray(states, 19 * N);
    a20.intoArray(states, 20 * N);
    a21.intoArray(states, 21 * N);
    a22.intoArray(states, 22 * N);
    a23.intoArray(states, 23 * N);
    a24.intoArray(states, 24 * N);
  }
}
