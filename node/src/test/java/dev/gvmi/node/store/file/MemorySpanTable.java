package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Spans in memory. */
final class MemorySpanTable implements SpanTable {
  private final Map<ImageId, DeltaRow> rows = new ConcurrentHashMap<>();
  private final Map<SpanId, Map<Integer, Place>> places = new ConcurrentHashMap<>();
  private int left = Integer.MAX_VALUE;

  /** From the call after so many on, each that changes something fails. */
  void failingAfter(int calls) {
    left = calls;
  }

  private void failIfTold() {
    if (left-- <= 0) {
      throw new StoreException(StoreException.Kind.IO, "the index fails");
    }
  }

  @Override
  public List<DeltaRow> rows() {
    return List.copyOf(rows.values());
  }

  @Override
  public void putRow(DeltaRow row) {
    failIfTold();
    rows.put(row.image(), row);
  }

  @Override
  public void removeRow(ImageId image) {
    failIfTold();
    rows.remove(image);
  }

  @Override
  public void enter(int number, List<Span> spans) {
    failIfTold();
    for (Span span : spans) {
      places
          .computeIfAbsent(span.id(), id -> new ConcurrentHashMap<>())
          .put(number, new Place(number, span.offsetBytes(), span.lengthBytes()));
    }
  }

  @Override
  public void remove(int number, List<Span> spans) {
    failIfTold();
    spans.forEach(span ->
        places.computeIfPresent(
            span.id(),
            (id, byNumber) -> {
              byNumber.remove(number);
              return byNumber;
            }));
  }

  @Override
  public List<List<Place>> find(List<SpanId> ids) {
    return ids.stream().map(id -> List.copyOf(places.getOrDefault(id, Map.of()).values())).toList();
  }

  @Override
  public Optional<SpanId> sweep(Set<Integer> numbers, Optional<SpanId> from) {
    failIfTold();
    places.values().forEach(byNumber -> byNumber.keySet().removeAll(numbers));
    return Optional.empty();
  }
}
