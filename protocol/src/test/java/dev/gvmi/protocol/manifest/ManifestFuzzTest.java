package dev.gvmi.protocol.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.gvmi.protocol.Fuzz;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ManifestFuzzTest {
  private static byte[] manifest(DigestAlgorithm algorithm, int size) {
    ManifestBuilder builder = new ManifestBuilder(algorithm, size, new ScalarSegmentHasher());
    builder.update(ByteBuffer.allocate(size));
    Manifest manifest = builder.finish();
    byte[] bytes = new byte[manifest.bytes().remaining()];
    manifest.bytes().get(bytes);
    return bytes;
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
        input -> {
          Manifest manifest = Manifest.parse(ByteBuffer.wrap(input));
          assertThat(manifest.bytes()).isEqualTo(ByteBuffer.wrap(input));
          Geometry geometry = manifest.geometry();
          assertThat(geometry.manifestBytes()).isEqualTo(input.length);
          assertThat(manifest.checkpoint(geometry.segmentCount() - 1)).hasSize(25);
          manifest.chunkMatches(geometry.chunkCount() - 1, new byte[32]);
        });
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
        input -> Manifest.parse(ByteBuffer.wrap(input)));
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
