package dev.gvmi.protocol.sha3;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.NOT;
import static jdk.incubator.vector.VectorOperators.OR;
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
 * Keccak-f[1600] of several states at once, one in each lane of the vectors, on a machine with few
 * vector registers and no operation of three inputs (AVX2): each round goes from one array to
 * another.
 *
 * <p>The JIT makes vector instructions of this only if it knows the species as a constant, and
 * inlines only what the Vector API marks for it. So the species is a static constant, of which each
 * copy of this class has its own ({@link LanePermutations} makes the copies), and a round is one
 * method that calls nothing else: the JIT never inlines that into its caller, where it would give
 * up in the middle, and never leaves a vector as an object on the heap.
 *
 * <p>Six lanes of a state are kept complemented, which saves 20 of the 25 complements of a round.
 *
 * <p><b>Source:</b> FIPS 202, section 3; lane complementing: the Keccak team's Implementation
 * overview, section 2.2.
 */
final class VectorPermutation implements LanePermutation {
  private static final VectorSpecies<Long> SPECIES =
      Vectors.shape(MethodHandles.lookup()).withLanes(long.class);
  private static final int N = SPECIES.length();
  private static final ValueLayout.OfLong LITTLE_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public int lanes() {
    return N;
  }

  @Override
  public boolean isComplemented(int lane) {
    return switch (lane) {
      case 1, 2, 8, 12, 17, 20 -> true;
      default -> false;
    };
  }

  @Override
  public void absorb(long[] states, MemorySegment[] pieces, int rate, int bytes) {
    long[] spare = new long[states.length];
    for (int at = 0; at < bytes; at += rate) {
      for (int lane = 0; lane < N; lane++) {
        xor(pieces[lane], at, rate / Long.BYTES, states, lane);
      }
      for (int round = 0; round < Keccak.ROUNDS; round += 2) {
        round(states, spare, Keccak.constant(round));
        round(spare, states, Keccak.constant(round + 1));
      }
    }
  }

  private static void xor(MemorySegment piece, long at, int count, long[] states, int lane) {
    for (int i = 0; i < count; i++) {
      states[i * N + lane] ^= piece.get(LITTLE_ENDIAN, at + (long) i * Long.BYTES);
    }
  }

  /** From a to e. */
  private static void round(long[] a, long[] e, long constant) {
    LongVector c0 =
        LongVector.fromArray(SPECIES, a, 0)
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 5 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 10 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 15 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 20 * N));
    LongVector c1 =
        LongVector.fromArray(SPECIES, a, N)
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 6 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 11 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 16 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 21 * N));
    LongVector c2 =
        LongVector.fromArray(SPECIES, a, 2 * N)
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 7 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 12 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 17 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 22 * N));
    LongVector c3 =
        LongVector.fromArray(SPECIES, a, 3 * N)
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 8 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 13 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 18 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 23 * N));
    LongVector c4 =
        LongVector.fromArray(SPECIES, a, 4 * N)
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 9 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 14 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 19 * N))
            .lanewise(XOR, LongVector.fromArray(SPECIES, a, 24 * N));
    LongVector d0 = c1.lanewise(ROL, 1).lanewise(XOR, c4);
    LongVector d1 = c2.lanewise(ROL, 1).lanewise(XOR, c0);
    LongVector d2 = c3.lanewise(ROL, 1).lanewise(XOR, c1);
    LongVector d3 = c4.lanewise(ROL, 1).lanewise(XOR, c2);
    LongVector d4 = c0.lanewise(ROL, 1).lanewise(XOR, c3);
    LongVector b0 = LongVector.fromArray(SPECIES, a, 0).lanewise(XOR, d0);
    LongVector b1 = LongVector.fromArray(SPECIES, a, 6 * N).lanewise(XOR, d1).lanewise(ROL, 44);
    LongVector b2 = LongVector.fromArray(SPECIES, a, 12 * N).lanewise(XOR, d2).lanewise(ROL, 43);
    LongVector b3 = LongVector.fromArray(SPECIES, a, 18 * N).lanewise(XOR, d3).lanewise(ROL, 21);
    LongVector b4 = LongVector.fromArray(SPECIES, a, 24 * N).lanewise(XOR, d4).lanewise(ROL, 14);
    LongVector n0 = b2.lanewise(NOT);
    b0.lanewise(XOR, b1.lanewise(OR, b2)).lanewise(XOR, constant).intoArray(e, 0);
    b1.lanewise(XOR, n0.lanewise(OR, b3)).intoArray(e, N);
    b2.lanewise(XOR, b3.lanewise(AND, b4)).intoArray(e, 2 * N);
    b3.lanewise(XOR, b4.lanewise(OR, b0)).intoArray(e, 3 * N);
    b4.lanewise(XOR, b0.lanewise(AND, b1)).intoArray(e, 4 * N);
    LongVector b5 = LongVector.fromArray(SPECIES, a, 3 * N).lanewise(XOR, d3).lanewise(ROL, 28);
    LongVector b6 = LongVector.fromArray(SPECIES, a, 9 * N).lanewise(XOR, d4).lanewise(ROL, 20);
    LongVector b7 = LongVector.fromArray(SPECIES, a, 10 * N).lanewise(XOR, d0).lanewise(ROL, 3);
    LongVector b8 = LongVector.fromArray(SPECIES, a, 16 * N).lanewise(XOR, d1).lanewise(ROL, 45);
    LongVector b9 = LongVector.fromArray(SPECIES, a, 22 * N).lanewise(XOR, d2).lanewise(ROL, 61);
    LongVector n1 = b9.lanewise(NOT);
    b5.lanewise(XOR, b6.lanewise(OR, b7)).intoArray(e, 5 * N);
    b6.lanewise(XOR, b7.lanewise(AND, b8)).intoArray(e, 6 * N);
    b7.lanewise(XOR, b8.lanewise(OR, n1)).intoArray(e, 7 * N);
    b8.lanewise(XOR, b9.lanewise(OR, b5)).intoArray(e, 8 * N);
    b9.lanewise(XOR, b5.lanewise(AND, b6)).intoArray(e, 9 * N);
    LongVector b10 = LongVector.fromArray(SPECIES, a, N).lanewise(XOR, d1).lanewise(ROL, 1);
    LongVector b11 = LongVector.fromArray(SPECIES, a, 7 * N).lanewise(XOR, d2).lanewise(ROL, 6);
    LongVector b12 = LongVector.fromArray(SPECIES, a, 13 * N).lanewise(XOR, d3).lanewise(ROL, 25);
    LongVector b13 = LongVector.fromArray(SPECIES, a, 19 * N).lanewise(XOR, d4).lanewise(ROL, 8);
    LongVector b14 = LongVector.fromArray(SPECIES, a, 20 * N).lanewise(XOR, d0).lanewise(ROL, 18);
    LongVector n2 = b13.lanewise(NOT);
    b10.lanewise(XOR, b11.lanewise(OR, b12)).intoArray(e, 10 * N);
    b11.lanewise(XOR, b12.lanewise(AND, b13)).intoArray(e, 11 * N);
    b12.lanewise(XOR, n2.lanewise(AND, b14)).intoArray(e, 12 * N);
    n2.lanewise(XOR, b14.lanewise(OR, b10)).intoArray(e, 13 * N);
    b14.lanewise(XOR, b10.lanewise(AND, b11)).intoArray(e, 14 * N);
    LongVector b15 = LongVector.fromArray(SPECIES, a, 4 * N).lanewise(XOR, d4).lanewise(ROL, 27);
    LongVector b16 = LongVector.fromArray(SPECIES, a, 5 * N).lanewise(XOR, d0).lanewise(ROL, 36);
    LongVector b17 = LongVector.fromArray(SPECIES, a, 11 * N).lanewise(XOR, d1).lanewise(ROL, 10);
    LongVector b18 = LongVector.fromArray(SPECIES, a, 17 * N).lanewise(XOR, d2).lanewise(ROL, 15);
    LongVector b19 = LongVector.fromArray(SPECIES, a, 23 * N).lanewise(XOR, d3).lanewise(ROL, 56);
    LongVector n3 = b18.lanewise(NOT);
    b15.lanewise(XOR, b16.lanewise(AND, b17)).intoArray(e, 15 * N);
    b16.lanewise(XOR, b17.lanewise(OR, b18)).intoArray(e, 16 * N);
    b17.lanewise(XOR, n3.lanewise(OR, b19)).intoArray(e, 17 * N);
    n3.lanewise(XOR, b19.lanewise(AND, b15)).intoArray(e, 18 * N);
    b19.lanewise(XOR, b15.lanewise(OR, b16)).intoArray(e, 19 * N);
    LongVector b20 = LongVector.fromArray(SPECIES, a, 2 * N).lanewise(XOR, d2).lanewise(ROL, 62);
    LongVector b21 = LongVector.fromArray(SPECIES, a, 8 * N).lanewise(XOR, d3).lanewise(ROL, 55);
    LongVector b22 = LongVector.fromArray(SPECIES, a, 14 * N).lanewise(XOR, d4).lanewise(ROL, 39);
    LongVector b23 = LongVector.fromArray(SPECIES, a, 15 * N).lanewise(XOR, d0).lanewise(ROL, 41);
    LongVector b24 = LongVector.fromArray(SPECIES, a, 21 * N).lanewise(XOR, d1).lanewise(ROL, 2);
    LongVector n4 = b21.lanewise(NOT);
    b20.lanewise(XOR, n4.lanewise(AND, b22)).intoArray(e, 20 * N);
    n4.lanewise(XOR, b22.lanewise(OR, b23)).intoArray(e, 21 * N);
    b22.lanewise(XOR, b23.lanewise(AND, b24)).intoArray(e, 22 * N);
    b23.lanewise(XOR, b24.lanewise(OR, b20)).intoArray(e, 23 * N);
    b24.lanewise(XOR, b20.lanewise(AND, b21)).intoArray(e, 24 * N);
  }
}
