package dev.gvmi.node.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.delta.CopyPlan.Piece;
import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CopyPlanTest {
  private static final TestImage IMAGE = TestImage.random((3 << 20) + 77, 4);
  private static final Geometry GEOMETRY = IMAGE.manifest().geometry();
  private static final DeltaIndex INDEX = IMAGE.delta();
  private static final ImageId A = TestImage.random(1, 1).id();
  private static final ImageId B = TestImage.random(2, 2).id();

  /** Whether, and where, a span lies. */
  private interface Places {
    Optional<SpanPlace> of(int i, Span span);
  }

  private static CopyPlan plan(Places places) {
    List<Optional<SpanPlace>> all = new ArrayList<>();
    for (Span span : INDEX) {
      all.add(places.of(all.size(), span));
    }
    return CopyPlan.of(GEOMETRY, INDEX, all);
  }

  private static Optional<SpanPlace> at(ImageId image, long offset, Span span) {
    return Optional.of(new SpanPlace(image, offset, span.lengthBytes()));
  }

  private static List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    INDEX.forEach(spans::add);
    return spans;
  }

  @Test
  void spansThatLieTogetherAreReadInOneGo() {
    CopyPlan plan = plan((i, span) -> at(A, 5000 + span.offsetBytes(), span));
    assertThat(plan.chunks().cardinality()).isEqualTo(GEOMETRY.chunkCount());
    for (int chunk = 0; chunk < GEOMETRY.chunkCount(); chunk++) {
      assertThat(plan.pieces(chunk))
          .containsExactly(
              new Piece(A, 5000 + GEOMETRY.chunkOffset(chunk), GEOMETRY.chunkLength(chunk)));
    }
  }

  @Test
  void piecesOfSeveralImagesMakeAChunkInOrder() {
    // each span lies alone, from byte (its number * 1 MiB) on
    CopyPlan plan = plan((i, span) -> at(i % 2 == 0 ? A : B, (long) i << 20, span));
    List<Span> spans = spans();
    for (int chunk = 0; chunk < GEOMETRY.chunkCount(); chunk++) {
      long at = GEOMETRY.chunkOffset(chunk);
      for (Piece piece : plan.pieces(chunk)) {
        int i = (int) (piece.offsetBytes() >> 20);
        assertThat(piece.image()).isEqualTo(i % 2 == 0 ? A : B);
        assertThat(spans.get(i).offsetBytes() + piece.offsetBytes() % (1 << 20)).isEqualTo(at);
        at += piece.lengthBytes();
        assertThat(at).isLessThanOrEqualTo(spans.get(i).endBytes());
      }
      assertThat(at).isEqualTo(GEOMETRY.chunkOffset(chunk) + GEOMETRY.chunkLength(chunk));
    }
  }

  @Test
  void aChunkOfWhichASpanIsMissingIsNotCovered() {
    List<Span> spans = spans();
    for (int missing = 0; missing < spans.size(); missing++) {
      int none = missing;
      CopyPlan plan = plan((i, span) -> i == none ? Optional.empty() : at(A, 0, span));
      int first = (int) (spans.get(missing).offsetBytes() / Geometry.CHUNK_BYTES);
      int last = (int) ((spans.get(missing).endBytes() - 1) / Geometry.CHUNK_BYTES);
      for (int chunk = 0; chunk < GEOMETRY.chunkCount(); chunk++) {
        assertThat(plan.chunks().get(chunk)).isEqualTo(chunk < first || chunk > last);
      }
    }
  }

  @Test
  void nothingIsCoveredWhereNothingLies() {
    CopyPlan plan = plan((i, span) -> Optional.empty());
    assertThat(plan.chunks().isEmpty()).isTrue();
    assertThatThrownBy(() -> plan.pieces(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesTheIndexOfAnImageOfAnotherSize() {
    Geometry other = new Geometry(GEOMETRY.algorithm(), GEOMETRY.sizeBytes() + 1);
    assertThatThrownBy(() -> CopyPlan.of(other, INDEX, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anImageOfOneSpanIsOneChunk() {
    TestImage small = TestImage.random(100, 3);
    CopyPlan plan =
        CopyPlan.of(
            small.manifest().geometry(),
            DeltaIndex.parse(ByteBuffer.allocate(66).put(small.delta().bytes()).flip()),
            List.of(Optional.of(new SpanPlace(A, 7, 100))));
    assertThat(plan.pieces(0)).containsExactly(new Piece(A, 7, 100));
  }
}
