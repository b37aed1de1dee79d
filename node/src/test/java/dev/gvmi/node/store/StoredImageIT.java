package dev.gvmi.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A complete image whose file others touch while the store is open. */
final class StoredImageIT {
  private static final TestImage IMAGE = TestImage.random(3_500_000, 1);

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;
  private ImageStore store;
  private StoredImage stored;

  @BeforeEach
  void open() throws IOException {
    data = temp.resolve("data");
    store = RocksImageStore.open(data, clock);
    stored = adopted();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private StoredImage adopted() throws IOException {
    return store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
  }

  private static byte[] readAll(StoredImage image) {
    byte[] bytes = new byte[IMAGE.bytes().length];
    image.read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Test
  void anImageWhoseFileChangedIsNotServedAnyMore() throws IOException {
    assertThat(readAll(stored)).isEqualTo(IMAGE.bytes());
    FileTime modified = Files.getLastModifiedTime(stored.file());
    TestFiles.flipByte(stored.file(), 1_000_000);
    Files.setLastModifiedTime(stored.file(), modified);
    clock.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> stored.read(0, ByteBuffer.allocate(10)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("changed");
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(store.images()).isEmpty();
    assertThatThrownBy(stored::linked).isInstanceOf(StoreException.class);
  }

  @Test
  void aLookNoticesAtOnceThatTheFileChanged() throws IOException {
    stored.check();
    TestFiles.flipByte(stored.file(), 1_000_000);
    assertThatThrownBy(stored::check).isInstanceOf(StoreException.class);
    assertThat(store.image(IMAGE.id())).isEmpty();
  }

  @Test
  void anImageWhoseFileIsGoneIsNotServedAnyMore() throws IOException {
    readAll(stored);
    Files.delete(stored.file());
    clock.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> readAll(stored)).isInstanceOf(StoreException.class);
    assertThat(store.image(IMAGE.id())).isEmpty();
  }

  @Test
  void anImportReplacesAnImageThatChangedOnDisk() throws IOException {
    TestFiles.flipByte(stored.file(), 5);
    StoredImage again = adopted();
    assertThat(readAll(again)).isEqualTo(IMAGE.bytes());
    assertThat(store.image(IMAGE.id())).containsSame(again);
    assertThatThrownBy(() -> readAll(stored)).isInstanceOf(StoreException.class);
  }

  @Test
  void aChangedImageCanBeFetchedAgain() throws IOException {
    TestFiles.flipByte(stored.file(), 9);
    assertThatThrownBy(stored::check).isInstanceOf(StoreException.class);
    PartialImage partial = store.openPartial(IMAGE.manifest());
    for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
      partial.write(IMAGE.chunk(chunk));
    }
    StoredImage again = store.complete(partial, IMAGE.proof());
    assertThat(readAll(again)).isEqualTo(IMAGE.bytes());
    assertThat(store.image(IMAGE.id())).containsSame(again);
  }

  @Test
  void linksThatComeAndGoAreNoChange() throws IOException {
    Path link = Files.createLink(temp.resolve("link"), stored.file());
    clock.advance(Duration.ofSeconds(2));
    assertThat(readAll(stored)).isEqualTo(IMAGE.bytes());
    stored.linked();
    assertThat(Files.getLastModifiedTime(link).toInstant()).isEqualTo(clock.instant());
    Files.delete(link);
    clock.advance(Duration.ofSeconds(2));
    assertThat(readAll(stored)).isEqualTo(IMAGE.bytes());
    Files.createLink(link, stored.file());
    store.close();
    store = RocksImageStore.open(data, clock);
    assertThat(readAll(store.image(IMAGE.id()).orElseThrow())).isEqualTo(IMAGE.bytes());
  }
}
