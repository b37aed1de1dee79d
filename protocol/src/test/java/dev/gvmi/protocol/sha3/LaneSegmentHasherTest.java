package dev.gvmi.protocol.sha3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.vector.Vectors;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class LaneSegmentHasherTest {
  private static final int STATE_LANES = 25;

  private final SegmentHasher scalar = new ScalarSegmentHasher();

  @BeforeEach
  void hasVectors() {
    assumeThat(Vectors.areThere()).as("jdk.incubator.vector is there").isTrue();
  }

  enum Kind {
    NARROW(LanePermutations::narrow),
    WIDE(LanePermutations::wide);

    private final IntFunction<LanePermutation> permutation;

    Kind(IntFunction<LanePermutation> permutation) {
      this.permutation = permutation;
    }

    LanePermutation of(int lanes) {
      return permutation.apply(lanes);
    }
  }

  static Stream<Arguments> permutations() {
    return Arrays.stream(Kind.values())
        .flatMap(kind -> Stream.of(2, 4, 8).map(lanes -> Arguments.of(kind, lanes)));
  }

  static Stream<Arguments> permutationsAndDigests() {
    return permutations()
        .flatMap(pair ->
            Arrays.stream(DigestAlgorithm.values())
                .map(digest -> Arguments.of(pair.get()[0], pair.get()[1], digest)));
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ByteBuffer buffer(Random random, byte[] bytes, int length) {
    return random.nextBoolean()
        ? ByteBuffer.wrap(bytes, 0, length)
        : ByteBuffer.allocateDirect(length + 5)
            .position(5)
            .put(bytes, 0, length)
            .flip()
            .position(5);
  }

  @ParameterizedTest
  @MethodSource("permutationsAndDigests")
  void equalsTheJdkForManyMessagesOfAnyLengths(Kind kind, int lanes, DigestAlgorithm algorithm)
      throws Exception {
    SegmentHasher hasher = new LaneSegmentHasher(kind.of(lanes));
    for (long seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      int count = 1 + random.nextInt(2 * lanes + 1);
      int rate = algorithm.rateBytes();
      List<byte[]> messages = new ArrayList<>();
      List<Piece> pieces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] message = random(random, random.nextInt(9 * rate));
        messages.add(message);
        int whole = message.length - message.length % rate;
        pieces.add(new Piece(new long[STATE_LANES], buffer(random, message, whole)));
      }
      hasher.absorbAll(algorithm, pieces);
      for (int i = 0; i < count; i++) {
        byte[] message = messages.get(i);
        int tail = message.length % rate;
        assertThat(pieces.get(i).blocks().hasRemaining()).isFalse();
        assertThat(
                scalar.finish(
                    pieces.get(i).state(),
                    algorithm,
                    ByteBuffer.wrap(message, message.length - tail, tail)))
            .as("message %d of %d, seed %d", i, count, seed)
            .isEqualTo(
                MessageDigest.getInstance(algorithm.name().replace('_', '-')).digest(message));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("permutations")
  void goesOnFromAnyStates(Kind kind, int lanes) {
    Random random = new Random(lanes);
    DigestAlgorithm algorithm = DigestAlgorithm.SHA3_224;
    List<Piece> pieces = new ArrayList<>();
    List<long[]> expected = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      long[] state = random.longs(STATE_LANES).toArray();
      byte[] bytes = random(random, 3 * algorithm.rateBytes());
      long[] alone = state.clone();
      scalar.absorb(alone, algorithm, ByteBuffer.wrap(bytes));
      expected.add(alone);
      pieces.add(new Piece(state, ByteBuffer.wrap(bytes)));
    }
    new LaneSegmentHasher(kind.of(lanes)).absorbAll(algorithm, pieces);
    assertThat(pieces).extracting(Piece::state).containsExactlyElementsOf(expected);
  }

  // Keccak team, KeccakF-1600-IntermediateValues: the permutation of zeros
  @ParameterizedTest
  @MethodSource("permutations")
  void permutesZerosAsPublishedInEachLane(Kind kind, int lanes) {
    LanePermutation permutation = kind.of(lanes);
    long[] states = new long[STATE_LANES * lanes];
    complement(permutation, states);
    MemorySegment[] zeros = new MemorySegment[lanes];
    int rate = DigestAlgorithm.SHA3_512.rateBytes();
    Arrays.fill(zeros, MemorySegment.ofArray(new byte[rate]));
    permutation.absorb(states, zeros, rate, rate);
    complement(permutation, states);
    for (int lane = 0; lane < lanes; lane++) {
      assertThat(states[lane]).isEqualTo(0xF1258F7940E1DDE7L);
      assertThat(states[24 * lanes + lane]).isEqualTo(0xEAF1FF7B5CECA249L);
    }
  }

  private static void complement(LanePermutation permutation, long[] states) {
    for (int i = 0; i < states.length; i++) {
      states[i] ^= permutation.isComplemented(i / permutation.lanes()) ? -1L : 0L;
    }
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void onePieceInOneLaneGoesOnFromAnyState(DigestAlgorithm algorithm) {
    Random random = new Random(1);
    SegmentHasher hasher = new OneLaneHasher(LanePermutations.wide(2));
    for (int blocks = 0; blocks < 5; blocks++) {
      long[] state = random.longs(STATE_LANES).toArray();
      long[] expected = state.clone();
      byte[] bytes = random(random, blocks * algorithm.rateBytes());
      scalar.absorb(expected, algorithm, ByteBuffer.wrap(bytes));
      ByteBuffer buffer = buffer(random, bytes, bytes.length);
      hasher.absorb(state, algorithm, buffer);
      assertThat(state).isEqualTo(expected);
      assertThat(buffer.hasRemaining()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void refusesAPartOfABlockBeforeAnyStateChanges(DigestAlgorithm algorithm) {
    List<Piece> pieces =
        List.of(
            new Piece(new long[STATE_LANES], ByteBuffer.allocate(algorithm.rateBytes())),
            new Piece(new long[STATE_LANES], ByteBuffer.allocate(algorithm.rateBytes() + 1)));
    SegmentHasher hasher = new LaneSegmentHasher(LanePermutations.narrow(2));
    assertThatThrownBy(() -> hasher.absorbAll(algorithm, pieces))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(pieces.getFirst().state()).containsOnly(0L);
  }

  @Test
  void theCandidatesHaveTheLanesOfThisMachine() {
    assertThat(LaneSegmentHasher.candidate().orElseThrow().lanes()).isIn(2, 4, 8);
    assertThat(OneLaneHasher.candidate().stream())
        .allSatisfy(candidate -> assertThat(candidate.lanes()).isEqualTo(1));
  }
}
