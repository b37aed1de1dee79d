package dev.gvmi.protocol.sha3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SegmentHasherTest {
  private static final long SEED = 1;
  private static final int LANES = 25;

  private final SegmentHasher hasher = new ScalarSegmentHasher();
  private final Random random = new Random(SEED);

  private static byte[] jdk(DigestAlgorithm algorithm, byte[] bytes) throws Exception {
    return MessageDigest.getInstance(algorithm.name().replace('_', '-')).digest(bytes);
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void equalsTheDigestOfTheJdkHoweverItIsCut(DigestAlgorithm algorithm) throws Exception {
    int rate = algorithm.rateBytes();
    for (int round = 0; round < 600; round++) {
      int length = round < 3 * rate ? round : random.nextInt(5001);
      byte[] bytes = random(length);
      int whole = length - length % rate;
      int cut = rate * random.nextInt(whole / rate + 1);
      long[] state = new long[LANES];
      hasher.absorb(state, algorithm, buffer(bytes, 0, cut));
      long[] handedOn = state.clone();
      hasher.absorb(handedOn, algorithm, buffer(bytes, cut, whole));
      assertThat(hasher.finish(handedOn, algorithm, buffer(bytes, whole, length)))
          .as("%s of %d bytes cut at %d, seed %d", algorithm, length, cut, SEED)
          .isEqualTo(jdk(algorithm, bytes));
    }
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void stateIsTheSameAtEveryBlockBoundary(DigestAlgorithm algorithm) throws Exception {
    int rate = algorithm.rateBytes();
    byte[] bytes = random(5000 - 5000 % rate);
    long[] block = new long[LANES];
    for (int at = 0; at < bytes.length; at += rate) {
      hasher.absorb(block, algorithm, buffer(bytes, at, at + rate));
      long[] whole = new long[LANES];
      hasher.absorb(whole, algorithm, buffer(bytes, 0, at + rate));
      assertThat(whole).isEqualTo(block);
      // a length that is a multiple of the rate is followed by a block of padding only
      assertThat(hasher.finish(whole, algorithm, ByteBuffer.allocate(0)))
          .isEqualTo(jdk(algorithm, Arrays.copyOf(bytes, at + rate)));
    }
  }

  /** The bytes in one of the buffers there are. */
  private ByteBuffer buffer(byte[] bytes, int from, int to) {
    int length = to - from;
    ByteBuffer direct =
        ByteBuffer.allocateDirect(length + 20).position(13).put(bytes, from, length).flip();
    return switch (random.nextInt(6)) {
      case 0 -> ByteBuffer.wrap(bytes, from, length);
      case 1 -> ByteBuffer.wrap(bytes, from, length).slice();
      case 2 -> ByteBuffer.wrap(bytes).asReadOnlyBuffer().position(from).limit(to);
      case 3 -> direct.position(13);
      case 4 -> direct.position(13).slice().order(ByteOrder.LITTLE_ENDIAN);
      default -> direct.position(13).asReadOnlyBuffer();
    };
  }

  @Test
  void consumesItsBufferAndNothingBeyond() {
    byte[] bytes = random(1000);
    ByteBuffer blocks = ByteBuffer.wrap(bytes, 100, 288);
    hasher.absorb(new long[LANES], DigestAlgorithm.SHA3_224, blocks);
    assertThat(blocks.position()).isEqualTo(388);
    assertThat(blocks.limit()).isEqualTo(388);
    assertThat(blocks.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    ByteBuffer tail = ByteBuffer.wrap(bytes, 388, 143);
    hasher.finish(new long[LANES], DigestAlgorithm.SHA3_224, tail);
    assertThat(tail.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void refusesPartsOfABlockAndATailOfAWholeOne(DigestAlgorithm algorithm) {
    int rate = algorithm.rateBytes();
    long[] state = new long[LANES];
    for (int length : new int[] {1, rate - 1, rate + 1}) {
      ByteBuffer part = ByteBuffer.wrap(random(length));
      assertThatThrownBy(() -> hasher.absorb(state, algorithm, part))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int length : new int[] {rate, rate + 1}) {
      ByteBuffer tail = ByteBuffer.wrap(random(length));
      assertThatThrownBy(() -> hasher.finish(state, algorithm, tail))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(state).containsOnly(0L);
  }

  // FIPS 202 examples: the empty message
  @Test
  void equalsThePublishedDigestOfNothing() {
    ByteBuffer nothing = ByteBuffer.allocate(0);
    byte[] digest = hasher.finish(new long[LANES], DigestAlgorithm.SHA3_224, nothing);
    assertThat(HexFormat.of().formatHex(digest))
        .isEqualTo("6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7");
  }

  // Keccak team, KeccakF-1600-IntermediateValues: the permutation of zeros, once and twice
  @Test
  void permutesZerosAsPublished() {
    long[] state = new long[LANES];
    Keccak.permute(state);
    assertThat(state[0]).isEqualTo(0xF1258F7940E1DDE7L);
    assertThat(state[24]).isEqualTo(0xEAF1FF7B5CECA249L);
    Keccak.permute(state);
    assertThat(state[0]).isEqualTo(0x2D5C954DF96ECB3CL);
    assertThat(state[24]).isEqualTo(0x20D06CD26A8FBF5CL);
  }
}
