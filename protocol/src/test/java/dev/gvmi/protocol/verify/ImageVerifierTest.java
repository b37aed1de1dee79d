package dev.gvmi.protocol.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha256.LaneSha256;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.OneLaneHasher;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageVerifierTest {
  private final SegmentHasher hasher = new ScalarSegmentHasher();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(100_000);

  private static byte[] image(int size) {
    byte[] image = new byte[size];
    new Random(size).nextBytes(image);
    return image;
  }

  private Manifest manifest(byte[] image) {
    ManifestBuilder builder = new ManifestBuilder(DigestAlgorithm.SHA3_224, image.length, hasher);
    builder.update(ByteBuffer.wrap(image));
    return builder.finish();
  }

  private static SegmentSource source(byte[] image) {
    return (offset, target) -> target.put(image, (int) offset, target.remaining());
  }

  private static UnverifiedChunk chunk(byte[] image, Geometry geometry, int index) {
    return new UnverifiedChunk(
        index,
        ByteBuffer.wrap(image, (int) geometry.chunkOffset(index), geometry.chunkLength(index)));
  }

  // 1_048_464 is one segment of SHA3-224; 2_096_928 two of them
  @ParameterizedTest
  @ValueSource(ints = {1, 143, 144, 262_144, 1_048_464, 1_048_465, 2_096_928, 3_500_000})
  void provesAnImageSegmentBySegmentInAnyOrder(int size) throws IOException {
    byte[] image = image(size);
    Manifest manifest = manifest(image);
    ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
    for (int i = manifest.geometry().segmentCount() - 1; i >= 0; i--) {
      assertThat(verifier.result()).isEmpty();
      assertThat(verifier.verifySegment(i, source(image), buffer)).isTrue();
    }
    assertThat(verifier.result().orElseThrow().manifest()).isEqualTo(manifest);
  }

  @Test
  void acceptsTrueChunksAndRefusesAFlippedBitInAny() {
    byte[] image = image(1_000_000);
    Manifest manifest = manifest(image);
    ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
    Geometry geometry = manifest.geometry();
    for (int i = 0; i < geometry.chunkCount(); i++) {
      assertThat(verifier.verify(chunk(image, geometry, i))).isInstanceOf(VerifiedChunk.class);
      int at = (int) geometry.chunkOffset(i) + i;
      image[at] ^= 1;
      assertThat(verifier.verify(chunk(image, geometry, i)))
          .isInstanceOf(ChunkResult.Mismatch.class);
      image[at] ^= 1;
    }
  }

  @Test
  void saysOfEachOfManyChunksWhatBecameOfIt() {
    byte[] image = image(2_000_000);
    Manifest manifest = manifest(image);
    Geometry geometry = manifest.geometry();
    ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
    List<Sha256> hashers = new ArrayList<>(List.of(new ScalarSha256()));
    LaneSha256.candidate().ifPresent(hashers::add);
    for (Sha256 sha256 : hashers) {
      List<UnverifiedChunk> chunks = new ArrayList<>();
      chunks.add(chunk(image, geometry, 7)); // the last, which is shorter
      chunks.add(new UnverifiedChunk(2, chunk(image, geometry, 3).bytes()));
      chunks.add(new UnverifiedChunk(8, chunk(image, geometry, 0).bytes()));
      chunks.add(new UnverifiedChunk(1, ByteBuffer.wrap(image, 0, 100)));
      chunks.add(chunk(image, geometry, 4));
      List<ChunkResult> results = verifier.verify(chunks, sha256);
      assertThat(results)
          .map(result -> result instanceof VerifiedChunk)
          .containsExactly(true, false, false, false, true);
      assertThat(((VerifiedChunk) results.getFirst()).index()).isEqualTo(7);
      assertThat(((VerifiedChunk) results.get(4)).bytes())
          .isEqualTo(chunk(image, geometry, 4).bytes());
      assertThat(results.subList(1, 4))
          .map(result -> ((ChunkResult.Mismatch) result).index())
          .containsExactly(2, 8, 1);
      assertThat(verifier.verify(List.of(), sha256)).isEmpty();
    }
  }

  @Test
  void refusesAChunkOfAnotherLengthOrNumber() {
    byte[] image = image(300_000);
    ImageVerifier verifier = new ImageVerifier(manifest(image), hasher, new BitSet());
    for (int index : new int[] {-1, 1, 2}) {
      assertThat(verifier.verify(new UnverifiedChunk(index, ByteBuffer.wrap(image, 0, 262_144))))
          .isInstanceOf(ChunkResult.Mismatch.class);
    }
  }

  @Test
  void aFlippedBitFailsItsSegmentOnly() throws IOException {
    byte[] image = image(3_500_000);
    ImageVerifier verifier = new ImageVerifier(manifest(image), hasher, new BitSet());
    image[1_500_000] ^= 4;
    assertThat(verifier.verifySegment(0, source(image), buffer)).isTrue();
    assertThat(verifier.verifySegment(1, source(image), buffer)).isFalse();
    assertThat(verifier.verifySegment(2, source(image), buffer)).isTrue();
    assertThat(verifier.verifyInOrder(source(image), buffer)).isEmpty();
  }

  /** The last segment is shorter than the others. */
  @Test
  void severalSegmentsAtOnceFailOrPassEachOnItsOwn() throws IOException {
    byte[] image = image(5_500_000);
    Manifest manifest = manifest(image);
    List<SegmentHasher> hashers = new ArrayList<>(List.of(hasher));
    LaneSegmentHasher.candidate().ifPresent(hashers::add);
    OneLaneHasher.candidate().ifPresent(hashers::add);
    for (SegmentHasher hasher : hashers) {
      ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
      BitSet all = new BitSet();
      all.set(0, manifest.geometry().segmentCount());
      image[1_500_000] ^= 4;
      BitSet good = verifier.verifySegments(all, source(image), buffer);
      assertThat(good.stream()).containsExactly(0, 2, 3, 4, 5);
      assertThat(verifier.result()).isEmpty();
      image[1_500_000] ^= 4;
      all.clear(2, 5);
      assertThat(verifier.verifySegments(all, source(image), buffer)).isEqualTo(all);
      assertThat(verifier.result().orElseThrow().manifest()).isEqualTo(manifest);
    }
  }

  @Test
  void falseCheckpointFailsAndTheTrueManifestIsMadeInOrder() throws IOException {
    byte[] image = image(3_500_000);
    Manifest honest = manifest(image);
    ByteBuffer bytes = ByteBuffer.allocate(honest.bytes().remaining()).put(honest.bytes());
    int checkpoint = bytes.capacity() - 1;
    bytes.put(checkpoint, (byte) (bytes.get(checkpoint) ^ 1)).flip();
    ImageVerifier verifier = new ImageVerifier(Manifest.parse(bytes), hasher, new BitSet());
    int last = honest.geometry().segmentCount() - 1;
    assertThat(verifier.verifySegment(last - 1, source(image), buffer)).isFalse();
    assertThat(verifier.verifySegment(last, source(image), buffer)).isFalse();
    assertThat(verifier.verifyInOrder(source(image), buffer).orElseThrow().manifest())
        .isEqualTo(honest);
  }

  /**
   * One false state costs the two segments that it stands between, and nothing of the others is
   * read again.
   */
  @Test
  void hashesOnFromTheLastTrueStateAndReadsOnlyWhatTheLieTouches() throws IOException {
    byte[] image = image(8_000_000);
    Manifest honest = manifest(image);
    int segments = honest.geometry().segmentCount();
    ImageVerifier verifier =
        new ImageVerifier(withFalseCheckpoint(honest, 4), hasher, new BitSet());
    for (int i = 0; i < segments; i++) {
      assertThat(verifier.verifySegment(i, source(image), buffer)).isEqualTo(i != 3 && i != 4);
    }
    BitSet read = new BitSet();
    SegmentSource counting =
        (offset, target) -> {
          read.set((int) (offset / honest.geometry().segmentBytes()));
          source(image).read(offset, target);
        };
    assertThat(verifier.verifyInOrder(counting, buffer).orElseThrow().manifest()).isEqualTo(honest);
    assertThat(read.stream()).containsExactly(3, 4);
  }

  @Test
  void aFalseChainOfStatesThatEndsInTheDigestIsNoProof() throws IOException {
    byte[] image = image(3_500_000);
    Manifest honest = manifest(image);
    image[0] ^= 1;
    ImageVerifier verifier = new ImageVerifier(honest, hasher, new BitSet());
    for (int i = 1; i < honest.geometry().segmentCount(); i++) {
      assertThat(verifier.verifySegment(i, source(image), buffer)).isTrue();
    }
    assertThat(verifier.verifyInOrder(source(image), buffer)).isEmpty();
  }

  /** With a flipped bit in the state before {@code segment}. */
  private static Manifest withFalseCheckpoint(Manifest honest, int segment) {
    List<long[]> states = new ArrayList<>();
    for (int i = 1; i < honest.geometry().segmentCount(); i++) {
      states.add(honest.checkpoint(i));
    }
    states.get(segment - 1)[7] ^= 1;
    return honest.withCheckpoints(states);
  }
}
