package dev.gvmi.protocol.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.protocol.image.DigestAlgorithm;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GeometryTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private static Geometry of(long size) {
    return new Geometry(DigestAlgorithm.SHA3_224, size);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "262143, 1, 262143, 1",
    "262144, 1, 262144, 1",
    "262145, 2, 1, 1",
    "1048463, 4, 262031, 1",
    "1048464, 4, 262032, 1",
    "1048465, 4, 262033, 2",
    "1048576, 4, 262144, 2",
    "1048577, 5, 1, 2",
    "2096928, 8, 261920, 2",
    "2096929, 8, 261921, 3",
  })
  void countsAtTheBoundaries(long size, int chunks, int lastChunk, int segments) {
    Geometry geometry = of(size);
    assertThat(geometry.chunkCount()).isEqualTo(chunks);
    assertThat(geometry.chunkLength(chunks - 1)).isEqualTo(lastChunk);
    assertThat(geometry.segmentCount()).isEqualTo(segments);
    assertThat(geometry.manifestBytes()).isEqualTo(18 + 28 + 32 * chunks + 200 * (segments - 1));
  }

  // 1, 2 and 4 MiB, rounded down to the rate; 512 times the target is the last size with it
  @ParameterizedTest
  @CsvSource({
    "1, 1048464, 1",
    "536870912, 1048464, 513",
    "536870913, 2097072, 257",
    "1073741824, 2097072, 513",
    "1073741825, 4194288, 257",
    "2147483648, 4194288, 513",
    "2147483649, 4194288, 513",
    "68719476736, 4194288, 16385",
  })
  void segmentsGrowWithTheImage(long size, int segmentBytes, int segments) {
    assertThat(of(size).segmentBytes()).isEqualTo(segmentBytes);
    assertThat(of(size).segmentCount()).isEqualTo(segments);
  }

  @ParameterizedTest
  @CsvSource({
    "SHA3_224, 1048464, 2097072, 4194288",
    "SHA3_256, 1048560, 2097120, 4194240",
    "SHA3_384, 1048528, 2097056, 4194216",
    "SHA3_512, 1048536, 2097144, 4194288",
  })
  void segmentsAreMultiplesOfTheRate(DigestAlgorithm algorithm, int small, int middle, int large) {
    int rate = algorithm.rateBytes();
    assertThat(LongStream.of(small, middle, large)).allMatch(bytes -> bytes % rate == 0);
    assertThat(new Geometry(algorithm, 1).segmentBytes()).isEqualTo(small);
    assertThat(new Geometry(algorithm, GIB).segmentBytes()).isEqualTo(middle);
    assertThat(new Geometry(algorithm, 64 * GIB).segmentBytes()).isEqualTo(large);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE, 64 * GIB + 1, Long.MAX_VALUE})
  void refusesSizesOutOfBounds(long size) {
    assertThatThrownBy(() -> of(size)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void manifestOfTheLargestImageIsWithinItsBound(DigestAlgorithm algorithm) {
    Geometry largest = new Geometry(algorithm, Geometry.MAX_SIZE_BYTES);
    assertThat(largest.chunkCount()).isEqualTo(262_144);
    assertThat(largest.chunkOffset(262_143)).isEqualTo(64 * GIB - 262_144);
    assertThat(largest.manifestBytes()).isLessThanOrEqualTo(Manifest.MAX_BYTES);
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void partsCoverTheImageOnce(DigestAlgorithm algorithm) {
    sizes(algorithm)
        .forEach(size -> {
          Geometry geometry = new Geometry(algorithm, size);
          assertChunksCover(geometry);
          assertSegmentsCover(geometry);
        });
  }

  /** Around every boundary, and random ones. */
  private static LongStream sizes(DigestAlgorithm algorithm) {
    long segment = MIB - MIB % algorithm.rateBytes();
    LongStream around =
        LongStream.of(262_144, segment, 2 * segment, 3 * 262_144, MIB, 512 * MIB, GIB, 3 * GIB)
            .flatMap(size -> LongStream.rangeClosed(size - 1, size + 1));
    LongStream random = new Random(algorithm.digestBytes()).longs(20, 1, 5 * GIB);
    return LongStream.concat(LongStream.of(1, 64 * GIB), LongStream.concat(around, random));
  }

  private static void assertChunksCover(Geometry geometry) {
    long end = 0;
    for (int i = 0; i < geometry.chunkCount(); i++) {
      if (geometry.chunkOffset(i) != end || geometry.chunkLength(i) < 1) {
        throw new AssertionError(geometry + ", chunk " + i);
      }
      end += geometry.chunkLength(i);
    }
    assertThat(end).isEqualTo(geometry.sizeBytes());
  }

  private static void assertSegmentsCover(Geometry geometry) {
    long end = 0;
    for (int i = 0; i < geometry.segmentCount(); i++) {
      boolean last = i == geometry.segmentCount() - 1;
      int length = geometry.segmentLength(i);
      if (geometry.segmentOffset(i) != end
          || length < 1
          || !last && length != geometry.segmentBytes()) {
        throw new AssertionError(geometry + ", segment " + i);
      }
      end += length;
    }
    assertThat(end).isEqualTo(geometry.sizeBytes());
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void chunksAndSegmentsThatShareBytesKnowEachOther(DigestAlgorithm algorithm) {
    long segment = MIB - MIB % algorithm.rateBytes();
    LongStream.of(1, 262_145, segment, segment + 1, 7 * segment, 9 * MIB, 513 * MIB, 1025 * MIB + 5)
        .mapToObj(size -> new Geometry(algorithm, size))
        .forEach(GeometryTest::assertIndicesAsByBruteForce);
  }

  @Test
  void indicesOfTheLargestImageAreAsByBruteForce() {
    Geometry geometry = of(64 * GIB);
    int lastChunk = geometry.chunkCount() - 1;
    int lastSegment = geometry.segmentCount() - 1;
    assertThat(geometry.lastSegmentOf(lastChunk)).isEqualTo(lastSegment);
    assertThat(geometry.lastChunkOf(lastSegment)).isEqualTo(lastChunk);
    for (int chunk = lastChunk - 100; chunk <= lastChunk; chunk++) {
      assertSegmentsOf(geometry, chunk);
    }
    for (int segment = lastSegment - 3; segment <= lastSegment; segment++) {
      assertChunksOf(geometry, segment);
    }
  }

  private static void assertIndicesAsByBruteForce(Geometry geometry) {
    for (int chunk = 0; chunk < geometry.chunkCount(); chunk++) {
      assertSegmentsOf(geometry, chunk);
    }
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      assertChunksOf(geometry, segment);
    }
  }

  private static void assertSegmentsOf(Geometry geometry, int chunk) {
    int first = -1;
    int last = -1;
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      if (shareBytes(geometry, chunk, segment)) {
        first = first < 0 ? segment : first;
        last = segment;
      }
    }
    if (geometry.firstSegmentOf(chunk) != first || geometry.lastSegmentOf(chunk) != last) {
      throw new AssertionError(geometry + ", chunk " + chunk + ": " + first + " to " + last);
    }
  }

  private static void assertChunksOf(Geometry geometry, int segment) {
    int first = -1;
    int last = -1;
    for (int chunk = 0; chunk < geometry.chunkCount(); chunk++) {
      if (shareBytes(geometry, chunk, segment)) {
        first = first < 0 ? chunk : first;
        last = chunk;
      }
    }
    if (geometry.firstChunkOf(segment) != first || geometry.lastChunkOf(segment) != last) {
      throw new AssertionError(geometry + ", segment " + segment + ": " + first + " to " + last);
    }
  }

  private static boolean shareBytes(Geometry geometry, int chunk, int segment) {
    long chunkEnd = geometry.chunkOffset(chunk) + geometry.chunkLength(chunk);
    long segmentEnd = geometry.segmentOffset(segment) + geometry.segmentLength(segment);
    return geometry.chunkOffset(chunk) < segmentEnd && geometry.segmentOffset(segment) < chunkEnd;
  }
}
