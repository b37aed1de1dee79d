package dev.gvmi.node.store.file;

import static dev.gvmi.node.store.TestFiles.bits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  // 14 chunks, 4 segments; segment 0 is chunks 0 to 3, segment 1 is chunks 3 to 7
  private static final Manifest MANIFEST = TestImage.random(3_500_000, 1).manifest();
  private static final long WHOLE = 3_500_000;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static Progress empty() {
    return new Progress(MANIFEST, new BitSet(), new BitSet(), 0);
  }

  /** A manifest of no real image, with the chunk count of a large one. */
  private static Manifest large() {
    Geometry geometry = new Geometry(DigestAlgorithm.SHA3_224, 100L << 20);
    ByteBuffer bytes = ByteBuffer.allocate(geometry.manifestBytes());
    bytes.put("GVMIMAN1".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) geometry.algorithm().multihashCode()).put((byte) 28).put(new byte[28]);
    bytes.putLong(geometry.sizeBytes());
    return Manifest.parse(bytes.clear());
  }

  @Test
  void takesOverWhatTheIndexSays() {
    Progress progress = new Progress(MANIFEST, bits(0, 1, 2, 3, 13), bits(0), WHOLE);
    assertThat(progress.chunks()).isEqualTo(bits(0, 1, 2, 3, 13));
    assertThat(progress.segments()).isEqualTo(bits(0));
    assertThat(progress.dirty()).isFalse();
  }

  @Test
  void dropsChunksThatReachBeyondTheFile() {
    long length = 2 * Geometry.CHUNK_BYTES;
    assertThat(new Progress(MANIFEST, bits(0, 1, 2), bits(), length).chunks())
        .isEqualTo(bits(0, 1));
    assertThat(new Progress(MANIFEST, bits(0, 1, 2), bits(), length - 1).chunks())
        .isEqualTo(bits(0));
    assertThat(new Progress(MANIFEST, bits(13), bits(), WHOLE - 1).chunks()).isEqualTo(bits());
  }

  @Test
  void dropsChunksAndSegmentsThatTheImageHasNot() {
    Progress progress = new Progress(MANIFEST, bits(13, 14, 1000), bits(4, 99), Long.MAX_VALUE);
    assertThat(progress.chunks()).isEqualTo(bits(13));
    assertThat(progress.segments()).isEqualTo(bits());
  }

  @Test
  void dropsSegmentsWithoutAllTheirChunks() {
    Progress progress = new Progress(MANIFEST, bits(0, 1, 2, 3, 4), bits(0, 1), WHOLE);
    assertThat(progress.segments()).isEqualTo(bits(0));
  }

  @Test
  void knowsWhichChunksASegmentNeeds() {
    Progress progress = empty();
    for (int chunk = 3; chunk < 7; chunk++) {
      progress.written(chunk, NOW);
    }
    assertThat(progress.hasChunksOf(1)).isFalse();
    progress.written(7, NOW);
    assertThat(progress.hasChunksOf(1)).isTrue();
    assertThat(progress.hasChunksOf(0)).isFalse();
    assertThat(progress.hasChunksOf(3)).isFalse();
  }

  @Test
  void isDueOneSecondAfterTheFirstWrite() {
    Progress progress = empty();
    assertThat(progress.due(NOW.plusSeconds(100))).isFalse();
    progress.written(0, NOW);
    progress.written(1, NOW.plusMillis(900));
    assertThat(progress.due(NOW.plusMillis(999))).isFalse();
    assertThat(progress.due(NOW.plusSeconds(1))).isTrue();
  }

  @Test
  void isDueWhenTheClockWentBack() {
    Progress progress = empty();
    progress.written(0, NOW);
    assertThat(progress.due(NOW.minusSeconds(1))).isTrue();
  }

  @Test
  void isDueWhenTheBatchIsFull() {
    Progress progress = new Progress(large(), new BitSet(), new BitSet(), 0);
    int last = (int) (Progress.BATCH_BYTES / Geometry.CHUNK_BYTES) - 1;
    for (int chunk = 0; chunk < last; chunk++) {
      progress.written(chunk, NOW);
      progress.written(chunk, NOW); // Counts once.
    }
    assertThat(progress.due(NOW)).isFalse();
    progress.written(last, NOW);
    assertThat(progress.due(NOW)).isTrue();
    progress.take();
    assertThat(progress.due(NOW)).isFalse();
  }

  @Test
  void whatIsWrittenDuringASyncBelongsToTheNextBatch() {
    Progress progress = empty();
    progress.written(0, NOW);
    ProgressRow batch = progress.take();
    progress.written(1, NOW);
    progress.synced(batch);
    assertThat(batch.chunks()).isEqualTo(bits(0));
    assertThat(progress.dirty()).isTrue();
    assertThat(progress.take().chunks()).isEqualTo(bits(0, 1));
  }

  @Test
  void losesWhatIsNotDurable() {
    Progress progress = new Progress(MANIFEST, bits(0, 1, 2), bits(), WHOLE);
    progress.written(3, NOW);
    progress.verified(0, NOW);
    progress.take();
    progress.written(4, NOW);
    progress.lose();
    assertThat(progress.chunks()).isEqualTo(bits(0, 1, 2));
    assertThat(progress.segments()).isEqualTo(bits());
    assertThat(progress.dirty()).isFalse();
  }

  @Test
  void keepsWhatWasSyncedWhenTheRestIsLost() {
    Progress progress = empty();
    progress.written(0, NOW);
    progress.synced(progress.take());
    progress.written(1, NOW);
    progress.lose();
    assertThat(progress.chunks()).isEqualTo(bits(0));
  }
}
