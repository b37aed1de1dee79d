package dev.gvmi.protocol.sha3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LaneSegmentHasherTest {
  private static final int STATE_LANES = 25;

  private final SegmentHasher scalar = new ScalarSegmentHasher();

  @BeforeEach
  void hasVectors() {
    assumeThat(LanePermutations.areThere()).as("jdk.incubator.vector is there").isTrue();
  }

  private static SegmentHasher hasher(int lanes) {
    return new LaneSegmentHasher(LanePermutations.of(lanes));
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
  @CsvSource({
    "2, SHA3_224", "2, SHA3_256", "2, SHA3_384", "2, SHA3_512",
    "4, SHA3_224", "4, SHA3_256", "4, SHA3_384", "4, SHA3_512",
    "8, SHA3_224", "8, SHA3_256", "8, SHA3_384", "8, SHA3_512"
  })
  void equalsTheJdkForManyMessagesOfAnyLengths(int lanes, DigestAlgorithm algorithm)
      throws Exception {
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
      hasher(lanes).absorbAll(algorithm, pieces);
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
  @ValueSource(ints = {2, 4, 8})
  void goesOnFromAnyStates(int lanes) {
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
    hasher(lanes).absorbAll(algorithm, pieces);
    assertThat(pieces).extracting(Piece::state).containsExactlyElementsOf(expected);
  }

  // Keccak team, KeccakF-1600-IntermediateValues: the permutation of zeros
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void permutesZerosAsPublishedInEachLane(int lanes) {
    long[] states = new long[STATE_LANES * lanes];
    complement(states, lanes);
    LanePermutations.of(lanes).permute(states, new long[STATE_LANES * lanes]);
    complement(states, lanes);
    for (int lane = 0; lane < lanes; lane++) {
      assertThat(states[lane]).isEqualTo(0xF1258F7940E1DDE7L);
      assertThat(states[24 * lanes + lane]).isEqualTo(0xEAF1FF7B5CECA249L);
    }
  }

  private static void complement(long[] states, int lanes) {
    for (int i = 0; i < states.length; i++) {
      states[i] ^= LanePermutation.isComplemented(i / lanes) ? -1L : 0L;
    }
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void refusesAPartOfABlockBeforeAnyStateChanges(DigestAlgorithm algorithm) {
    List<Piece> pieces =
        List.of(
            new Piece(new long[STATE_LANES], ByteBuffer.allocate(algorithm.rateBytes())),
            new Piece(new long[STATE_LANES], ByteBuffer.allocate(algorithm.rateBytes() + 1)));
    assertThatThrownBy(() -> hasher(2).absorbAll(algorithm, pieces))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(pieces.getFirst().state()).containsOnly(0L);
  }

  @Test
  void candidatesHaveTheLanesOfThisMachine() {
    assertThat(LaneSegmentHasher.candidates())
        .isNotEmpty()
        .allSatisfy(candidate -> assertThat(candidate.lanes()).isIn(2, 4, 8));
  }
}
