package dev.gvmi.protocol.sha3;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.image.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

final class SegmentHasherFuzzTest {
  /** The first byte: which digest, and how many blocks at a time; the message repeats all. */
  @FuzzTest
  void digestOfTheJdk(byte[] input) throws Exception {
    DigestAlgorithm algorithm = DigestAlgorithm.values()[input.length == 0 ? 0 : input[0] & 3];
    int step = algorithm.rateBytes() * (1 + (input.length == 0 ? 0 : (input[0] & 0xff) >> 2));
    byte[] message = new byte[5 * input.length];
    for (int at = 0; at < message.length; at += input.length) {
      System.arraycopy(input, 0, message, at, input.length);
    }
    SegmentHasher hasher = new ScalarSegmentHasher();
    long[] state = new long[25];
    int whole = message.length - message.length % algorithm.rateBytes();
    for (int at = 0; at < whole; at += step) {
      hasher.absorb(state, algorithm, ByteBuffer.wrap(message, at, Math.min(step, whole - at)));
    }
    byte[] digest =
        hasher.finish(state, algorithm, ByteBuffer.wrap(message, whole, message.length - whole));
    assertThat(digest)
        .isEqualTo(MessageDigest.getInstance(algorithm.name().replace('_', '-')).digest(message));
  }
}
