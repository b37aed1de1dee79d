package dev.gvmi.protocol.sha3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SegmentHasherTest {
  private final SegmentHasher hasher = new ScalarSegmentHasher();
  private final Random random = new Random(1);

  private static byte[] jdk(DigestAlgorithm algorithm, byte[] bytes) throws Exception {
    String name = algorithm.name().toUpperCase(Locale.ROOT).replace('_', '-');
    return MessageDigest.getInstance(name).digest(bytes);
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void equalsTheDigestOfTheJdkHoweverItIsCut(DigestAlgorithm algorithm) throws Exception {
    int rate = algorithm.rateBytes();
    for (int length = 0; length < 5 * rate; length += 1 + random.nextInt(7)) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      long[] state = new long[25];
      int whole = length - length % rate;
      int cut = rate * (whole == 0 ? 0 : random.nextInt(whole / rate + 1));
      hasher.absorb(state, algorithm, buffer(bytes, 0, cut));
      long[] handedOn = Arrays.copyOf(state, 25);
      hasher.absorb(handedOn, algorithm, buffer(bytes, cut, whole));
      assertThat(hasher.finish(handedOn, algorithm, buffer(bytes, whole, length)))
          .as("%s of %d bytes", algorithm, length)
          .isEqualTo(jdk(algorithm, bytes));
    }
  }

  /** The bytes in one of the buffers there are: heap, direct, read-only, a slice with an offset. */
  private ByteBuffer buffer(byte[] bytes, int from, int to) {
    return switch (random.nextInt(4)) {
      case 0 -> ByteBuffer.wrap(bytes, from, to - from);
      case 1 -> ByteBuffer.wrap(bytes).asReadOnlyBuffer().position(from).limit(to).slice();
      case 2 -> ByteBuffer.allocateDirect(to - from).put(bytes, from, to - from).flip();
      default ->
          ByteBuffer.allocateDirect(to - from + 13)
              .position(13)
              .put(bytes, from, to - from)
              .flip()
              .position(13);
    };
  }
}
