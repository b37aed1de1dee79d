package dev.gvmi.node.delta;

import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the spans of an image in the others that are held.
 *
 * <p><b>Thread:</b> any; calls block for the disk. <b>Errors:</b> {@link
 * dev.gvmi.node.store.StoreException}.
 */
public final class HeldSpans {
  private final DeltaStore deltas;

  public HeldSpans(DeltaStore deltas) {
    this.deltas = deltas;
  }

  /** Bytes of the image that lie in others that are held, as far as its delta index is true. */
  public long sharedBytes(DeltaIndex index) {
    List<Optional<SpanPlace>> places = places(index);
    long shared = 0;
    int i = 0;
    for (Span span : index) {
      shared += places.get(i++).isPresent() ? span.lengthBytes() : 0;
    }
    return shared;
  }

  /** What can be put together of an image with this geometry, from others. */
  public CopyPlan plan(Geometry geometry, DeltaIndex index) {
    return CopyPlan.of(geometry, index, places(index));
  }

  private List<Optional<SpanPlace>> places(DeltaIndex index) {
    List<Optional<SpanPlace>> places = new ArrayList<>(index.spanCount());
    List<Span> batch = new ArrayList<>();
    @Nullable ImageId last = null;
    for (Span span : index) {
      batch.add(span);
      if (batch.size() == DeltaStore.MAX_LOOKUP || span.endBytes() == index.sizeBytes()) {
        last = look(index.image(), batch, places, last);
        batch.clear();
      }
    }
    return places;
  }

  /**
   * Of several places, the one in the image where the span before lies: so that much is read in one
   * go.
   */
  private @Nullable ImageId look(
      ImageId self, List<Span> batch, List<Optional<SpanPlace>> places, @Nullable ImageId last) {
    List<SpanId> ids = batch.stream().map(Span::id).toList();
    List<List<SpanPlace>> found = deltas.places(ids);
    ImageId before = last;
    for (int i = 0; i < batch.size(); i++) {
      SpanPlace best = null;
      for (SpanPlace place : found.get(i)) {
        boolean fits =
            place.lengthBytes() == batch.get(i).lengthBytes() && !place.image().equals(self);
        if (fits && (best == null || (before != null && place.image().equals(before)))) {
          best = place;
        }
      }
      before = best == null ? before : best.image();
      places.add(Optional.ofNullable(best));
    }
    return before;
  }
}
