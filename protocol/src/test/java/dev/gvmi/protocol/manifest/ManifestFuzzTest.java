package dev.gvmi.protocol.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ManifestFuzzTest {
  private static final int MOST_IMAGE_BYTES = 5 << 18;

  private static byte[] manifest(DigestAlgorithm algorithm, int size) {
    ManifestBuilder builder = new ManifestBuilder(algorithm, size, new ScalarSegmentHasher());
    builder.update(ByteBuffer.allocate(size));
    Manifest manifest = builder.finish();
    byte[] bytes = new byte[manifest.bytes().remaining()];
    manifest.bytes().get(bytes);
    return bytes;
  }

  /** Against the positions that the shape says. */
  private static void check(byte[] input, Manifest manifest) {
    assertThat(manifest.bytes()).isEqualTo(ByteBuffer.wrap(input));
    Geometry geometry = manifest.geometry();
    assertThat(geometry.manifestBytes()).isEqualTo(input.length);
    int digest = input[9];
    assertThat(manifest.image().digest()).isEqualTo(Arrays.copyOfRange(input, 10, 10 + digest));
    assertThat(geometry.sizeBytes()).isEqualTo(ByteBuffer.wrap(input).getLong(10 + digest));
    int chunks = 18 + digest;
    for (int chunk = 0; chunk < geometry.chunkCount(); chunk++) {
      int at = chunks + 32 * chunk;
      assertThat(manifest.chunkMatches(chunk, Arrays.copyOfRange(input, at, at + 32))).isTrue();
    }
    ByteBuffer states =
        ByteBuffer.wrap(input)
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(chunks + 32 * geometry.chunkCount());
    for (int segment = 1; segment < geometry.segmentCount(); segment++) {
      for (long lane : manifest.checkpoint(segment)) {
        assertThat(lane).isEqualTo(states.getLong());
      }
    }
    assertThat(states.hasRemaining()).isFalse();
  }

  @FuzzTest
  void manifest(byte[] input) {
    Fuzz.input(
        input,
        InvalidManifestException.class,
        bytes -> Manifest.parse(ByteBuffer.wrap(bytes)),
        ManifestFuzzTest::check);
  }

  private static byte[] jdk(String algorithm, byte[] bytes) throws Exception {
    return MessageDigest.getInstance(algorithm).digest(bytes);
  }

  /** Four bytes of size, one of digest, two of pieces; the image repeats all of the input. */
  private static byte[] image(byte[] input) {
    byte[] image =
        new byte[1 + (ByteBuffer.wrap(input).getInt() & Integer.MAX_VALUE) % MOST_IMAGE_BYTES];
    for (int at = 0; at < image.length; at += input.length) {
      System.arraycopy(input, 0, image, at, Math.min(input.length, image.length - at));
    }
    return image;
  }

  private static void build(byte[] input) throws Exception {
    byte[] image = image(input);
    DigestAlgorithm algorithm = DigestAlgorithm.values()[input[4] & 3];
    int piece = 64 + 8 * (ByteBuffer.wrap(input).getShort(5) & 0xffff);
    ManifestBuilder builder =
        new ManifestBuilder(algorithm, image.length, new ScalarSegmentHasher());
    for (int at = 0; at < image.length; at += piece) {
      builder.update(ByteBuffer.wrap(image, at, Math.min(piece, image.length - at)));
    }
    Manifest manifest = builder.finish();
    assertThat(manifest.image().digest()).isEqualTo(jdk(algorithm.name().replace('_', '-'), image));
    Geometry geometry = manifest.geometry();
    for (int chunk = 0; chunk < geometry.chunkCount(); chunk++) {
      int at = (int) geometry.chunkOffset(chunk);
      byte[] bytes = Arrays.copyOfRange(image, at, at + geometry.chunkLength(chunk));
      assertThat(manifest.chunkMatches(chunk, jdk("SHA-256", bytes))).isTrue();
    }
    assertThat(Manifest.parse(manifest.bytes())).isEqualTo(manifest);
  }

  @FuzzTest
  void builder(byte[] input) throws Exception {
    if (input.length >= 7) {
      build(input);
    }
  }

  @Test
  void mutatedManifestsAreReadOrRefused() {
    List<byte[]> samples =
        List.of(
            manifest(DigestAlgorithm.SHA3_224, 1),
            manifest(DigestAlgorithm.SHA3_224, 3 << 20),
            manifest(DigestAlgorithm.SHA3_256, 300_000),
            manifest(DigestAlgorithm.SHA3_512, 1 << 20));
    Fuzz.run(
        samples,
        InvalidManifestException.class,
        input -> Manifest.parse(ByteBuffer.wrap(input)),
        ManifestFuzzTest::check);
  }

  // sizes that would need megabytes of manifest, in one of a few bytes
  @Test
  void claimedSizeAllocatesNothing() {
    List<byte[]> samples = new ArrayList<>();
    for (long size : new long[] {1L << 36, (1L << 36) + 1, 1L << 40, Long.MAX_VALUE, -1}) {
      byte[] small = manifest(DigestAlgorithm.SHA3_224, 1);
      ByteBuffer.wrap(small).putLong(10 + 28, size);
      samples.add(small);
      samples.add(Arrays.copyOf(small, 1000));
    }
    Fuzz.run(
        samples,
        InvalidManifestException.class,
        input -> Manifest.parse(ByteBuffer.wrap(input)),
        ManifestFuzzTest::check);
  }

  @Test
  void refusesMoreBytesThanTheBoundBeforeCopyingThem() {
    byte[] tooLong = Arrays.copyOf(manifest(DigestAlgorithm.SHA3_224, 1), Manifest.MAX_BYTES + 1);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> Manifest.parse(ByteBuffer.wrap(tooLong)))
        .isInstanceOf(InvalidManifestException.class);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L << 20);
  }
}
