package dev.gvmi.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delta indexes beside images, and their spans in a real index. */
final class DeltaStoreIT {
  private static final TestImage IMAGE = TestImage.random(3 << 20, 1);
  private static final TestImage OTHER = TestImage.random(1 << 20, 2);

  @TempDir Path folder;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = RocksImageStore.open(folder, new TestClock());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  private DeltaStore deltas() {
    return store.deltas();
  }

  private static List<SpanId> ids(TestImage image) {
    List<SpanId> ids = new ArrayList<>();
    image.delta().forEach(span -> ids.add(span.id()));
    return ids;
  }

  private void assertFound(TestImage image) {
    List<List<SpanPlace>> places = deltas().places(ids(image));
    int i = 0;
    for (Span span : image.delta()) {
      assertThat(places.get(i++))
          .contains(new SpanPlace(image.id(), span.offsetBytes(), span.lengthBytes()));
    }
  }

  private void assertNotFound(TestImage image) {
    assertThat(deltas().places(ids(image))).allSatisfy(places -> assertThat(places).isEmpty());
  }

  private Path file(ImageId id) {
    return folder.resolve("images/" + id.hex().substring(0, 2) + "/" + id.hex() + ".delta");
  }

  @Test
  void keepsWhatIsPutOverARestart() throws Exception {
    IMAGE.into(store);
    assertThat(deltas().missing()).containsExactly(IMAGE.id());
    assertThat(deltas().isEmpty()).isTrue();
    assertThat(deltas().put(IMAGE.delta())).isTrue();
    for (int start = 0; start < 2; start++) {
      assertThat(deltas().missing()).isEmpty();
      assertThat(deltas().isEmpty()).isFalse();
      assertThat(deltas().index(IMAGE.id())).contains(IMAGE.delta());
      assertFound(IMAGE);
      assertNotFound(OTHER);
      reopen();
    }
  }

  @Test
  void anImageThatIsNotHeldGetsNone() {
    assertThat(deltas().put(IMAGE.delta())).isFalse();
    deltas().putNone(IMAGE.id());
    assertThat(deltas().isEmpty()).isTrue();
    assertThat(deltas().index(IMAGE.id())).isEmpty();
    assertNotFound(IMAGE);
    assertThat(file(IMAGE.id())).doesNotExist();
  }

  @Test
  void anImageOfWhichItIsKnownThatItHasNoneIsNotMissing() throws Exception {
    IMAGE.into(store);
    deltas().putNone(IMAGE.id());
    assertThat(deltas().missing()).isEmpty();
    reopen();
    assertThat(deltas().missing()).isEmpty();
    assertThat(deltas().index(IMAGE.id())).isEmpty();
  }

  @Test
  void spansGoWithTheirImageAndThoseOfOthersStay() throws Exception {
    IMAGE.into(store);
    OTHER.into(store);
    deltas().put(IMAGE.delta());
    deltas().put(OTHER.delta());
    assertThat(store.remove(IMAGE.id())).isTrue();
    assertNotFound(IMAGE);
    assertFound(OTHER);
    assertThat(file(IMAGE.id())).doesNotExist();
    assertThat(Files.list(file(OTHER.id()).resolveSibling("")).toList()).hasSize(3);
    reopen();
    assertNotFound(IMAGE);
    assertFound(OTHER);
  }

  @Test
  void aFileThatIsLostOrDamagedIsMissing() throws Exception {
    IMAGE.into(store);
    deltas().put(IMAGE.delta());
    Files.write(file(IMAGE.id()), new byte[100]);
    assertThat(deltas().index(IMAGE.id())).isEmpty();
    Files.delete(file(IMAGE.id()));
    assertThat(deltas().missing()).containsExactly(IMAGE.id());
    deltas().put(IMAGE.delta());
    assertThat(deltas().missing()).isEmpty();
    assertFound(IMAGE);
  }

  @Test
  void theFileOfAnotherImageIsNotServed() throws Exception {
    IMAGE.into(store);
    OTHER.into(store);
    deltas().put(IMAGE.delta());
    deltas().put(OTHER.delta());
    Files.copy(file(OTHER.id()), file(IMAGE.id()), StandardCopyOption.REPLACE_EXISTING);
    assertThat(deltas().index(IMAGE.id())).isEmpty();
  }

  @Test
  void spansOfAnImageThatIsGoneAreNotFoundAndTidiedUp() throws Exception {
    IMAGE.into(store);
    OTHER.into(store);
    deltas().put(IMAGE.delta());
    deltas().put(OTHER.delta());
    store.close();
    Path image = file(IMAGE.id()).resolveSibling(IMAGE.id().hex() + ".gvmi");
    Files.delete(image);
    open();
    assertNotFound(IMAGE);
    deltas().tidy();
    assertNotFound(IMAGE);
    assertFound(OTHER);
    // it comes back, and nothing of what it had is taken for whole
    IMAGE.into(store);
    assertThat(deltas().missing()).containsExactly(IMAGE.id());
    assertNotFound(IMAGE);
  }

  @Test
  void aDeltaFileWithoutItsImageIsDeletedAtTheStart() throws Exception {
    IMAGE.into(store);
    deltas().put(IMAGE.delta());
    store.close();
    Files.delete(file(IMAGE.id()).resolveSibling(IMAGE.id().hex() + ".gvmi"));
    Path half = file(IMAGE.id()).resolveSibling(IMAGE.id().hex() + ".delta.tmp");
    Files.write(half, new byte[9]);
    open();
    assertThat(file(IMAGE.id())).doesNotExist();
    assertThat(half).doesNotExist();
  }

  @Test
  void looksUpNoMoreThanTheBoundAtOnce() {
    List<SpanId> most = Collections.nCopies(DeltaStore.MAX_LOOKUP, new SpanId(1, 2));
    assertThat(deltas().places(most)).hasSize(DeltaStore.MAX_LOOKUP);
    List<SpanId> more = Collections.nCopies(DeltaStore.MAX_LOOKUP + 1, new SpanId(1, 2));
    assertThatThrownBy(() -> deltas().places(more)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void spansOfTwoImagesAreFoundInBoth() throws Exception {
    byte[] bytes = new byte[IMAGE.bytes().length + OTHER.bytes().length];
    System.arraycopy(OTHER.bytes(), 0, bytes, 0, OTHER.bytes().length);
    System.arraycopy(IMAGE.bytes(), 0, bytes, OTHER.bytes().length, IMAGE.bytes().length);
    TestImage both = TestImage.of(bytes);
    both.into(store);
    OTHER.into(store);
    deltas().put(both.delta());
    deltas().put(OTHER.delta());
    SpanId first = ids(OTHER).getFirst();
    assertThat(deltas().places(List.of(first)).getFirst())
        .extracting(SpanPlace::image)
        .containsExactlyInAnyOrder(both.id(), OTHER.id());
    store.remove(both.id());
    assertThat(deltas().places(List.of(first)).getFirst())
        .extracting(SpanPlace::image)
        .containsExactly(OTHER.id());
  }
}
