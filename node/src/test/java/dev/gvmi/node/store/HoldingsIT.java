package dev.gvmi.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a store tells of gaining and losing images. */
@Timeout(60)
final class HoldingsIT {
  private static final TestImage IMAGE = TestImage.random(1_500_000, 3);

  private final TestClock clock = new TestClock();
  private final List<String> told = new CopyOnWriteArrayList<>();
  @TempDir private Path data;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = RocksImageStore.open(data, clock);
    store.addHoldingsListener(
        new HoldingsListener() {
          @Override
          public void gained(ImageId image, boolean complete) {
            assertThat(image).isEqualTo(IMAGE.id());
            told.add(complete ? "complete" : "partial");
          }

          @Override
          public void dropped(ImageId image) {
            told.add("dropped");
          }
        });
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void awaitTold(String... all) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(told).containsExactly(all));
    told.clear();
  }

  private StoredImage held() throws IOException {
    StoredImage image =
        store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    awaitTold("complete");
    return image;
  }

  @Test
  void theFirstChunkAndTheCompletionAreTold() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    partial.write(IMAGE.chunk(1));
    awaitTold("partial");
    for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
      partial.write(IMAGE.chunk(chunk));
    }
    store.complete(partial, IMAGE.proof());
    awaitTold("complete");
  }

  @Test
  void aRemovalIsTold() throws IOException {
    held();
    store.remove(IMAGE.id());
    awaitTold("dropped");
    store.remove(IMAGE.id());
    store.openPartial(IMAGE.manifest()).write(IMAGE.chunk(0));
    awaitTold("partial");
    store.remove(IMAGE.id());
    awaitTold("dropped");
  }

  @Test
  void aDamagedImageIsDroppedAndComesBackAsWhatIsGoodOfIt() throws IOException {
    StoredImage image = held();
    TestFiles.flipByte(image.file(), 1000);
    clock.advance(Duration.ofMinutes(1));
    assertThat(store.image(IMAGE.id())).isEmpty();
    awaitTold("dropped");
    BitSet good = new BitSet();
    good.set(1, IMAGE.chunkCount());
    assertThat(store.audit(IMAGE.id()).orElseThrow().failed(good)).isTrue();
    awaitTold("partial");
  }
}
