package dev.gvmi.protocol.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DeltaIndexFuzzTest {
  private static DeltaIndex index(DigestAlgorithm algorithm, byte[] image, int piece) {
    ImageId id = ImageId.of(algorithm, new byte[algorithm.digestBytes()]);
    DeltaIndexBuilder builder = new DeltaIndexBuilder(id, image.length);
    for (int at = 0; at < image.length; at += piece) {
      builder.update(ByteBuffer.wrap(image, at, Math.min(piece, image.length - at)));
    }
    return builder.finish().orElseThrow();
  }

  private static byte[] encoded(DigestAlgorithm algorithm, int size) {
    byte[] image = new byte[size];
    new Random(size).nextBytes(image);
    ByteBuffer bytes = index(algorithm, image, 1 << 20).bytes();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private static void check(byte[] input, DeltaIndex index) {
    assertThat(index.bytes()).isEqualTo(ByteBuffer.wrap(input));
    long end = 0;
    for (Span span : index) {
      assertThat(span.offsetBytes()).isEqualTo(end);
      assertThat(span.lengthBytes()).isBetween(1, SpanCutter.MAX_BYTES);
      end = span.endBytes();
    }
    assertThat(end).isEqualTo(index.sizeBytes());
  }

  @FuzzTest
  void index(byte[] input) {
    Fuzz.input(
        input,
        InvalidDeltaIndexException.class,
        bytes -> DeltaIndex.parse(ByteBuffer.wrap(bytes)),
        DeltaIndexFuzzTest::check);
  }

  /** Two bytes of pieces; the image is the rest, some times over. */
  @FuzzTest
  void builder(byte[] input) throws Exception {
    if (input.length < 3) {
      return;
    }
    byte[] image = new byte[Math.min(3 << 19, input.length * 997)];
    for (int at = 0; at < image.length; at += input.length) {
      System.arraycopy(input, 0, image, at, Math.min(input.length, image.length - at));
    }
    int piece = 1 + (ByteBuffer.wrap(input).getShort() & 0xffff);
    DeltaIndex index = index(DigestAlgorithm.SHA3_224, image, piece);
    assertThat(index).isEqualTo(index(DigestAlgorithm.SHA3_224, image, image.length));
    check(input(index), index);
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (Span span : index) {
      sha.update(image, (int) span.offsetBytes(), span.lengthBytes());
      assertThat(span.id()).isEqualTo(SpanId.of(sha.digest()));
    }
  }

  private static byte[] input(DeltaIndex index) {
    byte[] bytes = new byte[index.bytes().remaining()];
    index.bytes().get(bytes);
    return bytes;
  }

  @Test
  void mutatedIndexesAreReadOrRefused() {
    Fuzz.run(
        List.of(
            encoded(DigestAlgorithm.SHA3_224, 1),
            encoded(DigestAlgorithm.SHA3_224, 1 << 20),
            encoded(DigestAlgorithm.SHA3_512, 300_000)),
        InvalidDeltaIndexException.class,
        input -> DeltaIndex.parse(ByteBuffer.wrap(input)),
        DeltaIndexFuzzTest::check);
  }

  @Test
  void claimedSizeAllocatesNothing() {
    byte[] small = encoded(DigestAlgorithm.SHA3_224, 1);
    ByteBuffer.wrap(small).putLong(10 + 28, 1L << 36);
    Fuzz.run(
        List.of(small, Arrays.copyOf(small, 1000)),
        InvalidDeltaIndexException.class,
        input -> DeltaIndex.parse(ByteBuffer.wrap(input)),
        DeltaIndexFuzzTest::check);
  }
}
