package dev.gvmi.node.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each step of entering and removing spans cut off, by an index that fails from then on; and what
 * the next start makes of it.
 */
final class DeltaDurabilityIT {
  /** Row, spans, row. */
  private static final int STEPS = 3;

  private static final TestImage IMAGE = TestImage.random(1 << 20, 1);

  @TempDir Path folder;
  private final MemoryIndex index = new MemoryIndex();
  private ImageStore store;

  @BeforeEach
  void open() {
    store = FileImageStore.open(folder, path -> index, new TestClock());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    index.spans().failingAfter(Integer.MAX_VALUE);
    store.close();
    open();
  }

  private List<SpanPlace> placesOfFirst() {
    Span first = IMAGE.delta().iterator().next();
    List<SpanId> ids = List.of(first.id());
    return store.deltas().places(ids).getFirst();
  }

  @Test
  void anImageWhoseSpansAreHalfEnteredIsDoneAgain() throws Exception {
    IMAGE.into(store);
    for (int step = 0; step < STEPS; step++) {
      index.spans().failingAfter(step);
      assertThatThrownBy(() -> store.deltas().put(IMAGE.delta()))
          .isInstanceOf(StoreException.class);
      assertThat(store.deltas().missing()).containsExactly(IMAGE.id());
      reopen();
      assertThat(store.deltas().missing()).containsExactly(IMAGE.id());
      // the file is whole or not there, whatever was cut off
      assertThat(store.deltas().index(IMAGE.id())).contains(IMAGE.delta());
    }
    assertThat(store.deltas().put(IMAGE.delta())).isTrue();
    assertThat(store.deltas().missing()).isEmpty();
    assertThat(placesOfFirst()).extracting(SpanPlace::image).containsExactly(IMAGE.id());
    assertThat(index.spans().rows()).hasSize(1);
  }

  @Test
  void aRemovalSucceedsWhateverFailsAndItsSpansAreTidiedUpLater() throws Exception {
    for (int step = 0; step < 2; step++) {
      IMAGE.into(store);
      assertThat(store.deltas().put(IMAGE.delta())).isTrue();
      index.spans().failingAfter(step);
      assertThat(store.remove(IMAGE.id())).isTrue();
      assertThat(placesOfFirst()).isEmpty();
      reopen();
      assertThat(placesOfFirst()).isEmpty();
      store.deltas().tidy();
      assertThat(index.spans().rows()).isEmpty();
      assertThat(index.spans().find(List.of(IMAGE.delta().iterator().next().id())).getFirst())
          .isEmpty();
    }
  }

  @Test
  void anImageThatGoesWhileItsSpansAreEnteredLeavesNothing() throws Exception {
    IMAGE.into(store);
    store.deltas().put(IMAGE.delta());
    store.remove(IMAGE.id());
    assertThat(store.deltas().put(IMAGE.delta())).isFalse();
    assertThat(index.spans().rows()).isEmpty();
  }
}
