package dev.gvmi.node.delta;

import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which chunks of an image are covered whole by spans that lie in other images, and from where each
 * is put together. A claim like the delta index it is made from: a chunk that was copied is checked
 * like one that came from a peer. Pure and immutable.
 */
public final class CopyPlan {
  private final Geometry geometry;

  /** Where each span begins; one more for the end of the last. */
  private final long[] begins;

  /** The image in which each span lies, by its place in {@link #images}; -1 for nowhere. */
  private final int[] from;

  private final long[] fromOffsets;
  private final List<ImageId> images = new ArrayList<>();
  private final BitSet chunks = new BitSet();

  /**
   * Bytes of a chunk that lie together in an image.
   *
   * @param offsetBytes where they begin there
   */
  public record Piece(ImageId image, long offsetBytes, int lengthBytes) {}

  private CopyPlan(Geometry geometry, int spans) {
    this.geometry = geometry;
    this.begins = new long[spans + 1];
    this.from = new int[spans];
    this.fromOffsets = new long[spans];
  }

  /**
   * The plan for an image.
   *
   * @param places where each span of the index lies, in order
   * @throws IllegalArgumentException if the index is of an image of another size
   */
  public static CopyPlan of(Geometry geometry, DeltaIndex index, List<Optional<SpanPlace>> places) {
    if (index.sizeBytes() != geometry.sizeBytes() || index.spanCount() != places.size()) {
      throw new IllegalArgumentException("the delta index is of another image");
    }
    CopyPlan plan = new CopyPlan(geometry, places.size());
    int i = 0;
    for (Span span : index) {
      plan.begins[i + 1] = span.endBytes();
      plan.from[i] = -1;
      if (places.get(i).isPresent()) {
        plan.take(i, places.get(i).get());
      }
      i++;
    }
    plan.findChunks();
    return plan;
  }

  private void take(int span, SpanPlace place) {
    int image = images.indexOf(place.image());
    if (image < 0) {
      image = images.size();
      images.add(place.image());
    }
    from[span] = image;
    fromOffsets[span] = place.offsetBytes();
  }

  private void findChunks() {
    int span = 0;
    for (int chunk = 0; chunk < geometry.chunkCount(); chunk++) {
      long end = geometry.chunkOffset(chunk) + geometry.chunkLength(chunk);
      boolean covered = true;
      while (begins[span] < end) {
        covered &= from[span] >= 0;
        if (begins[span + 1] > end) {
          break; // it reaches into the next chunk
        }
        span++;
      }
      chunks.set(chunk, covered);
    }
  }

  /** The chunks that are covered whole (a copy). */
  public BitSet chunks() {
    return (BitSet) chunks.clone();
  }

  /** Where the bytes of a chunk that is covered lie, in their order. */
  public List<Piece> pieces(int chunk) {
    if (!chunks.get(chunk)) {
      throw new IllegalArgumentException("chunk " + chunk + " is not covered");
    }
    long start = geometry.chunkOffset(chunk);
    long end = start + geometry.chunkLength(chunk);
    List<Piece> pieces = new ArrayList<>();
    int found = Arrays.binarySearch(begins, start);
    for (int span = found >= 0 ? found : -found - 2; begins[span] < end; span++) {
      long first = Math.max(start, begins[span]);
      int length = (int) (Math.min(end, begins[span + 1]) - first);
      add(pieces, images.get(from[span]), fromOffsets[span] + first - begins[span], length);
    }
    return pieces;
  }

  /** Bytes that lie together are one piece. */
  private static void add(List<Piece> pieces, ImageId image, long offset, int length) {
    Piece last = pieces.isEmpty() ? null : pieces.getLast();
    boolean together =
        last != null
            && last.image().equals(image)
            && last.offsetBytes() + last.lengthBytes() == offset;
    if (last != null && together) {
      pieces.removeLast();
      pieces.add(new Piece(image, last.offsetBytes(), last.lengthBytes() + length));
    } else {
      pieces.add(new Piece(image, offset, length));
    }
  }
}
