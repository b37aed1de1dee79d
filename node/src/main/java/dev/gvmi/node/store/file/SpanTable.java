package dev.gvmi.node.store.file;

import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where spans lie: rows of the index that can be made again from the images at any time. Those of
 * another format are dropped when the index is opened.
 *
 * <p><b>Thread:</b> any thread of the store. <b>Errors:</b> {@link
 * dev.gvmi.node.store.StoreException}.
 */
public interface SpanTable {
  /** Spans that one call takes at most. */
  int MAX_BATCH = 4096;

  /** Places of a span that are told at most. */
  int MAX_PLACES = 8;

  /** A place: an image by its number, and where in it. */
  record Place(int number, long offsetBytes, int lengthBytes) {}

  List<DeltaRow> rows();

  /**
   * Writes a row in a synced batch: with it all that was entered before has survived a power loss.
   */
  void putRow(DeltaRow row);

  /** Forgets a row; its spans should have been removed. */
  void removeRow(ImageId image);

  /**
   * Enters spans of the image of this number; the same again changes nothing. Durable with the next
   * {@link #putRow}.
   */
  void enter(int number, List<Span> spans);

  /** Removes spans of the image of this number. */
  void remove(int number, List<Span> spans);

  /** Places of each span, in the order asked. */
  List<List<Place>> find(List<SpanId> ids);

  /**
   * Looks at the next {@link #MAX_BATCH} rows of spans and removes those of these numbers.
   *
   * @param from where the last call stopped; empty: from the first on
   * @return where to go on; empty at the end
   */
  Optional<SpanId> sweep(Set<Integer> numbers, Optional<SpanId> from);
}
