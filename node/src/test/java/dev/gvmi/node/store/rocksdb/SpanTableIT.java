package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.file.DeltaRow;
import dev.gvmi.node.store.file.SpanTable;
import dev.gvmi.node.store.file.SpanTable.Place;
import dev.gvmi.node.store.file.StoreIndex;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** Rows of spans in a real RocksDB. */
final class SpanTableIT {
  private static final ImageId A = TestImage.random(1, 1).id();
  private static final ImageId B = TestImage.random(2, 2).id();

  @TempDir Path folder;
  private StoreIndex index;

  @BeforeEach
  void open() {
    index = RocksIndex.open(folder);
  }

  @AfterEach
  void close() {
    index.close();
  }

  private static Span span(int i) {
    return new Span(100_000L * i, 100_000, new SpanId(i % 3 == 0 ? -i : i, 5));
  }

  private static List<Span> spans(int from, int to) {
    List<Span> spans = new ArrayList<>();
    for (int i = from; i < to; i++) {
      spans.add(span(i));
    }
    return spans;
  }

  private void enterMany(int number, int count) {
    for (int at = 0; at < count; at += SpanTable.MAX_BATCH) {
      index.spans().enter(number, spans(at, Math.min(count, at + SpanTable.MAX_BATCH)));
    }
  }

  private List<Place> find(int i) {
    return index.spans().find(List.of(span(i).id())).getFirst();
  }

  @Test
  void keepsRowsOverARestart() {
    DeltaRow half = new DeltaRow(A, 1, 17, false);
    DeltaRow whole = new DeltaRow(B, 2, 18, true);
    index.spans().putRow(half);
    index.spans().putRow(whole);
    close();
    open();
    assertThat(index.spans().rows()).containsExactlyInAnyOrder(half, whole);
    index.spans().removeRow(A);
    assertThat(index.spans().rows()).containsExactly(whole);
    assertThat(index.images()).isEmpty();
    assertThat(index.allProgress()).isEmpty();
  }

  @Test
  void enteringTheSameAgainChangesNothing() {
    index.spans().enter(1, spans(0, 10));
    index.spans().enter(1, spans(0, 10));
    assertThat(find(4)).containsExactly(new Place(1, 400_000, 100_000));
  }

  @Test
  void aSpanOfManyImagesIsToldOfFew() {
    for (int number = 1; number <= SpanTable.MAX_PLACES + 1; number++) {
      index.spans().enter(number, spans(0, 2));
    }
    assertThat(find(1)).hasSize(SpanTable.MAX_PLACES);
    index.spans().remove(1, spans(0, 2));
    assertThat(find(1)).extracting(Place::number).hasSize(SpanTable.MAX_PLACES).doesNotContain(1);
  }

  @Test
  void aSweepTakesSeveralCallsAndLeavesTheOthers() {
    int count = 2 * SpanTable.MAX_BATCH + 100;
    enterMany(1, count);
    enterMany(2, count);
    enterMany(3, count);
    int calls = 0;
    Optional<SpanId> at = Optional.empty();
    do {
      at = index.spans().sweep(Set.of(1, 3), at);
      calls++;
    } while (at.isPresent() && calls < 100);
    assertThat(calls).isBetween(6, 8);
    for (int i = 0; i < count; i += 97) {
      assertThat(find(i)).containsExactly(new Place(2, 100_000L * i, 100_000));
    }
  }

  @Test
  void aSweepOfOneSpanOfManyImagesEnds() {
    for (int number = 1; number <= 20; number++) {
      index.spans().enter(number, spans(0, 1));
    }
    assertThat(index.spans().sweep(Set.of(7), Optional.of(span(0).id()))).isEmpty();
    assertThat(find(0)).extracting(Place::number).doesNotContain(7);
  }

  @Test
  void takesNoMoreThanTheBoundAtOnce() {
    List<Span> more = spans(0, SpanTable.MAX_BATCH + 1);
    assertThatThrownBy(() -> index.spans().enter(1, more))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> index.spans().remove(1, more))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rowsOfAnotherFormatAreDroppedAndTheRestStays() throws Exception {
    index.spans().putRow(new DeltaRow(A, 1, 10, true));
    index.spans().enter(1, spans(0, 10));
    close();
    try (Options options = new Options();
        RocksDB db = RocksDB.open(options, folder.toString())) {
      db.put(
          RowCodec.Prefix.META.key(new byte[] {'s', 'p', 'a', 'n', 's'}), new byte[] {0, 0, 0, 9});
    }
    open();
    assertThat(index.spans().rows()).isEmpty();
    assertThat(find(4)).isEmpty();
  }
}
