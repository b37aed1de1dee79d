package dev.gvmi.protocol.sha256;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.gvmi.protocol.vector.Vectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The compression of SHA-256 for several messages at once, one in each lane of the vectors. Each
 * method calls nothing but the Vector API and is too large to be inlined, so that the JIT keeps all
 * vectors in registers.
 *
 * <p><b>Source:</b> FIPS 180-4, sections 4.1.2, 4.2.2 and 6.2.2.
 */
final class VectorCompression implements LaneCompression {
  private static final VectorSpecies<Integer> SPECIES =
      Vectors.shape(MethodHandles.lookup()).withLanes(int.class);
  private static final int N = SPECIES.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfInt BIG_ENDIAN =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** With so many lanes there are vectors of 16 words, and instructions that take two of them. */
  private static final boolean TRANSPOSES = N == WORDS;

  private static final int ROUNDS = 64;

  private static final int[] CONSTANTS = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
  };

  /**
   * What a step of a transposition takes of two rows: their even, or odd, squares of this width, in
   * turn.
   */
  private static final IntVector EVEN_1 = squares(1, 0);

  private static final IntVector ODD_1 = squares(1, 1);
  private static final IntVector EVEN_2 = squares(2, 0);
  private static final IntVector ODD_2 = squares(2, 1);
  private static final IntVector EVEN_4 = squares(4, 0);
  private static final IntVector ODD_4 = squares(4, 1);
  private static final IntVector EVEN_8 = squares(8, 0);
  private static final IntVector ODD_8 = squares(8, 1);

  private static IntVector squares(int width, int odd) {
    int[] indices = new int[N];
    for (int i = 0; i < N; i++) {
      int square = i / width;
      int row = square % 2;
      indices[i] = row * N + ((square - row + odd) * width + i % width) % N;
    }
    return IntVector.fromArray(SPECIES, indices, 0);
  }

  @Override
  public int lanes() {
    return N;
  }

  @Override
  public void compress(int[] states, MemorySegment[] blocks, long bytes) {
    int[] schedule = new int[ROUNDS * N];
    for (long at = 0; at < bytes; at += BLOCK_BYTES) {
      if (TRANSPOSES) {
        transpose(blocks, at, schedule);
        swapBytes(schedule);
      } else {
        for (int lane = 0; lane < N; lane++) {
          copy(blocks[lane], at, schedule, lane);
        }
      }
      expand(schedule);
      rounds(states, schedule);
    }
  }

  private static void copy(MemorySegment block, long at, int[] schedule, int lane) {
    for (int i = 0; i < WORDS; i++) {
      schedule[i * N + lane] = block.get(BIG_ENDIAN, at + (long) i * Integer.BYTES);
    }
  }

  /** Of sixteen messages sixteen words each, as they lie in memory. */
  private static void transpose(MemorySegment[] blocks, long at, int[] schedule) {
    IntVector p0 = IntVector.fromMemorySegment(SPECIES, blocks[0], at, LE);
    IntVector p1 = IntVector.fromMemorySegment(SPECIES, blocks[1], at, LE);
    IntVector p2 = IntVector.fromMemorySegment(SPECIES, blocks[2], at, LE);
    IntVector p3 = IntVector.fromMemorySegment(SPECIES, blocks[3], at, LE);
    IntVector p4 = IntVector.fromMemorySegment(SPECIES, blocks[4], at, LE);
    IntVector p5 = IntVector.fromMemorySegment(SPECIES, blocks[5], at, LE);
    IntVector p6 = IntVector.fromMemorySegment(SPECIES, blocks[6], at, LE);
    IntVector p7 = IntVector.fromMemorySegment(SPECIES, blocks[7], at, LE);
    IntVector p8 = IntVector.fromMemorySegment(SPECIES, blocks[8], at, LE);
    IntVector p9 = IntVector.fromMemorySegment(SPECIES, blocks[9], at, LE);
    IntVector p10 = IntVector.fromMemorySegment(SPECIES, blocks[10], at, LE);
    IntVector p11 = IntVector.fromMemorySegment(SPECIES, blocks[11], at, LE);
    IntVector p12 = IntVector.fromMemorySegment(SPECIES, blocks[12], at, LE);
    IntVector p13 = IntVector.fromMemorySegment(SPECIES, blocks[13], at, LE);
    IntVector p14 = IntVector.fromMemorySegment(SPECIES, blocks[14], at, LE);
    IntVector p15 = IntVector.fromMemorySegment(SPECIES, blocks[15], at, LE);
    IntVector q0 = EVEN_1.selectFrom(p0, p1);
    IntVector q1 = ODD_1.selectFrom(p0, p1);
    IntVector q2 = EVEN_1.selectFrom(p2, p3);
    IntVector q3 = ODD_1.selectFrom(p2, p3);
    IntVector q4 = EVEN_1.selectFrom(p4, p5);
    IntVector q5 = ODD_1.selectFrom(p4, p5);
    IntVector q6 = EVEN_1.selectFrom(p6, p7);
    IntVector q7 = ODD_1.selectFrom(p6, p7);
    IntVector q8 = EVEN_1.selectFrom(p8, p9);
    IntVector q9 = ODD_1.selectFrom(p8, p9);
    IntVector q10 = EVEN_1.selectFrom(p10, p11);
    IntVector q11 = ODD_1.selectFrom(p10, p11);
    IntVector q12 = EVEN_1.selectFrom(p12, p13);
    IntVector q13 = ODD_1.selectFrom(p12, p13);
    IntVector q14 = EVEN_1.selectFrom(p14, p15);
    IntVector q15 = ODD_1.selectFrom(p14, p15);
    IntVector r0 = EVEN_2.selectFrom(q0, q2);
    IntVector r2 = ODD_2.selectFrom(q0, q2);
    IntVector r1 = EVEN_2.selectFrom(q1, q3);
    IntVector r3 = ODD_2.selectFrom(q1, q3);
    IntVector r4 = EVEN_2.selectFrom(q4, q6);
    IntVector r6 = ODD_2.selectFrom(q4, q6);
    IntVector r5 = EVEN_2.selectFrom(q5, q7);
    IntVector r7 = ODD_2.selectFrom(q5, q7);
    IntVector r8 = EVEN_2.selectFrom(q8, q10);
    IntVector r10 = ODD_2.selectFrom(q8, q10);
    IntVector r9 = EVEN_2.selectFrom(q9, q11);
    IntVector r11 = ODD_2.selectFrom(q9, q11);
    IntVector r12 = EVEN_2.selectFrom(q12, q14);
    IntVector r14 = ODD_2.selectFrom(q12, q14);
    IntVector r13 = EVEN_2.selectFrom(q13, q15);
    IntVector r15 = ODD_2.selectFrom(q13, q15);
    IntVector s0 = EVEN_4.selectFrom(r0, r4);
    IntVector s4 = ODD_4.selectFrom(r0, r4);
    IntVector s1 = EVEN_4.selectFrom(r1, r5);
    IntVector s5 = ODD_4.selectFrom(r1, r5);
    IntVector s2 = EVEN_4.selectFrom(r2, r6);
    IntVector s6 = ODD_4.selectFrom(r2, r6);
    IntVector s3 = EVEN_4.selectFrom(r3, r7);
    IntVector s7 = ODD_4.selectFrom(r3, r7);
    IntVector s8 = EVEN_4.selectFrom(r8, r12);
    IntVector s12 = ODD_4.selectFrom(r8, r12);
    IntVector s9 = EVEN_4.selectFrom(r9, r13);
    IntVector s13 = ODD_4.selectFrom(r9, r13);
    IntVector s10 = EVEN_4.selectFrom(r10, r14);
    IntVector s14 = ODD_4.selectFrom(r10, r14);
    IntVector s11 = EVEN_4.selectFrom(r11, r15);
    IntVector s15 = ODD_4.selectFrom(r11, r15);
    IntVector t0 = EVEN_8.selectFrom(s0, s8);
    IntVector t8 = ODD_8.selectFrom(s0, s8);
    IntVector t1 = EVEN_8.selectFrom(s1, s9);
    IntVector t9 = ODD_8.selectFrom(s1, s9);
    IntVector t2 = EVEN_8.selectFrom(s2, s10);
    IntVector t10 = ODD_8.selectFrom(s2, s10);
    IntVector t3 = EVEN_8.selectFrom(s3, s11);
    IntVector t11 = ODD_8.selectFrom(s3, s11);
    IntVector t4 = EVEN_8.selectFrom(s4, s12);
    IntVector t12 = ODD_8.selectFrom(s4, s12);
    IntVector t5 = EVEN_8.selectFrom(s5, s13);
    IntVector t13 = ODD_8.selectFrom(s5, s13);
    IntVector t6 = EVEN_8.selectFrom(s6, s14);
    IntVector t14 = ODD_8.selectFrom(s6, s14);
    IntVector t7 = EVEN_8.selectFrom(s7, s15);
    IntVector t15 = ODD_8.selectFrom(s7, s15);
    t0.intoArray(schedule, 0 * N);
    t1.intoArray(schedule, 1 * N);
    t2.intoArray(schedule, 2 * N);
    t3.intoArray(schedule, 3 * N);
    t4.intoArray(schedule, 4 * N);
    t5.intoArray(schedule, 5 * N);
    t6.intoArray(schedule, 6 * N);
    t7.intoArray(schedule, 7 * N);
    t8.intoArray(schedule, 8 * N);
    t9.intoArray(schedule, 9 * N);
    t10.intoArray(schedule, 10 * N);
    t11.intoArray(schedule, 11 * N);
    t12.intoArray(schedule, 12 * N);
    t13.intoArray(schedule, 13 * N);
    t14.intoArray(schedule, 14 * N);
    t15.intoArray(schedule, 15 * N);
  }

  /** Of the words of a block. */
  private static void swapBytes(int[] schedule) {
    for (int i = 0; i < WORDS * N; i += N) {
      IntVector word = IntVector.fromArray(SPECIES, schedule, i);
      IntVector left = word.lanewise(ROL, 8).lanewise(AND, 0x00ff00ff);
      word.lanewise(ROR, 8).lanewise(AND, 0xff00ff00).lanewise(XOR, left).intoArray(schedule, i);
    }
  }

  /** The words of a block are followed by those that are made of them. */
  private static void expand(int[] schedule) {
    for (int t = WORDS; t < ROUNDS; t++) {
      IntVector w2 = IntVector.fromArray(SPECIES, schedule, (t - 2) * N);
      IntVector w15 = IntVector.fromArray(SPECIES, schedule, (t - 15) * N);
      w2.lanewise(ROR, 17)
          .lanewise(XOR, w2.lanewise(ROR, 19))
          .lanewise(XOR, w2.lanewise(LSHR, 10))
          .lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t - 7) * N))
          .lanewise(
              ADD,
              w15.lanewise(ROR, 7)
                  .lanewise(XOR, w15.lanewise(ROR, 18))
                  .lanewise(XOR, w15.lanewise(LSHR, 3)))
          .lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t - 16) * N))
          .intoArray(schedule, t * N);
    }
  }

  /** Four rounds are one turn: then each variable is where it was. */
  private static void rounds(int[] states, int[] schedule) {
    IntVector a = IntVector.fromArray(SPECIES, states, 0 * N);
    IntVector b = IntVector.fromArray(SPECIES, states, 1 * N);
    IntVector c = IntVector.fromArray(SPECIES, states, 2 * N);
    IntVector d = IntVector.fromArray(SPECIES, states, 3 * N);
    IntVector e = IntVector.fromArray(SPECIES, states, 4 * N);
    IntVector f = IntVector.fromArray(SPECIES, states, 5 * N);
    IntVector g = IntVector.fromArray(SPECIES, states, 6 * N);
    IntVector h = IntVector.fromArray(SPECIES, states, 7 * N);
    for (int t = 0; t < ROUNDS; t += 4) {
      IntVector t0 =
          h.lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t + 0) * N))
              .lanewise(ADD, CONSTANTS[t + 0])
              .lanewise(
                  ADD,
                  e.lanewise(ROR, 6)
                      .lanewise(XOR, e.lanewise(ROR, 11))
                      .lanewise(XOR, e.lanewise(ROR, 25)))
              .lanewise(ADD, f.lanewise(XOR, g).lanewise(AND, e).lanewise(XOR, g));
      IntVector e1 = d.lanewise(ADD, t0);
      IntVector a1 =
          t0.lanewise(
                  ADD,
                  a.lanewise(ROR, 2)
                      .lanewise(XOR, a.lanewise(ROR, 13))
                      .lanewise(XOR, a.lanewise(ROR, 22)))
              .lanewise(ADD, a.lanewise(XOR, b).lanewise(AND, c).lanewise(XOR, a.lanewise(AND, b)));
      IntVector t1 =
          g.lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t + 1) * N))
              .lanewise(ADD, CONSTANTS[t + 1])
              .lanewise(
                  ADD,
                  e1.lanewise(ROR, 6)
                      .lanewise(XOR, e1.lanewise(ROR, 11))
                      .lanewise(XOR, e1.lanewise(ROR, 25)))
              .lanewise(ADD, e.lanewise(XOR, f).lanewise(AND, e1).lanewise(XOR, f));
      IntVector e2 = c.lanewise(ADD, t1);
      IntVector a2 =
          t1.lanewise(
                  ADD,
                  a1.lanewise(ROR, 2)
                      .lanewise(XOR, a1.lanewise(ROR, 13))
                      .lanewise(XOR, a1.lanewise(ROR, 22)))
              .lanewise(
                  ADD, a1.lanewise(XOR, a).lanewise(AND, b).lanewise(XOR, a1.lanewise(AND, a)));
      IntVector t2 =
          f.lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t + 2) * N))
              .lanewise(ADD, CONSTANTS[t + 2])
              .lanewise(
                  ADD,
                  e2.lanewise(ROR, 6)
                      .lanewise(XOR, e2.lanewise(ROR, 11))
                      .lanewise(XOR, e2.lanewise(ROR, 25)))
              .lanewise(ADD, e1.lanewise(XOR, e).lanewise(AND, e2).lanewise(XOR, e));
      IntVector e3 = b.lanewise(ADD, t2);
      IntVector a3 =
          t2.lanewise(
                  ADD,
                  a2.lanewise(ROR, 2)
                      .lanewise(XOR, a2.lanewise(ROR, 13))
                      .lanewise(XOR, a2.lanewise(ROR, 22)))
              .lanewise(
                  ADD, a2.lanewise(XOR, a1).lanewise(AND, a).lanewise(XOR, a2.lanewise(AND, a1)));
      IntVector t3 =
          e.lanewise(ADD, IntVector.fromArray(SPECIES, schedule, (t + 3) * N))
              .lanewise(ADD, CONSTANTS[t + 3])
              .lanewise(
                  ADD,
                  e3.lanewise(ROR, 6)
                      .lanewise(XOR, e3.lanewise(ROR, 11))
                      .lanewise(XOR, e3.lanewise(ROR, 25)))
              .lanewise(ADD, e2.lanewise(XOR, e1).lanewise(AND, e3).lanewise(XOR, e1));
      IntVector e4 = a.lanewise(ADD, t3);
      IntVector a4 =
          t3.lanewise(
                  ADD,
                  a3.lanewise(ROR, 2)
                      .lanewise(XOR, a3.lanewise(ROR, 13))
                      .lanewise(XOR, a3.lanewise(ROR, 22)))
              .lanewise(
                  ADD, a3.lanewise(XOR, a2).lanewise(AND, a1).lanewise(XOR, a3.lanewise(AND, a2)));
      a = a4;
      b = a3;
      c = a2;
      d = a1;
      e = e4;
      f = e3;
      g = e2;
      h = e1;
    }
    IntVector.fromArray(SPECIES, states, 0 * N).lanewise(ADD, a).intoArray(states, 0 * N);
    IntVector.fromArray(SPECIES, states, 1 * N).lanewise(ADD, b).intoArray(states, 1 * N);
    IntVector.fromArray(SPECIES, states, 2 * N).lanewise(ADD, c).intoArray(states, 2 * N);
    IntVector.fromArray(SPECIES, states, 3 * N).lanewise(ADD, d).intoArray(states, 3 * N);
    IntVector.fromArray(SPECIES, states, 4 * N).lanewise(ADD, e).intoArray(states, 4 * N);
    IntVector.fromArray(SPECIES, states, 5 * N).lanewise(ADD, f).intoArray(states, 5 * N);
    IntVector.fromArray(SPECIES, states, 6 * N).lanewise(ADD, g).intoArray(states, 6 * N);
    IntVector.fromArray(SPECIES, states, 7 * N).lanewise(ADD, h).intoArray(states, 7 * N);
  }
}
