package dev.gvmi.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A clock that goes back an hour, as one does that is set by hand or by NTP. */
@Timeout(60)
final class ClockBackIT {
  private static final TestImage IMAGE = TestImage.random(3_500_000, 1);
  private static final Duration HOUR_BACK = Duration.ofHours(-1);

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;

  @BeforeEach
  void name() {
    data = temp.resolve("data");
  }

  private ImageStore open() {
    return RocksImageStore.open(data, clock);
  }

  private BitSet durable(int round) throws IOException {
    Path crashed = TestFiles.crashed(data, temp.resolve("crashed-" + round));
    try (ImageStore copy = RocksImageStore.open(crashed, clock)) {
      return copy.partial(IMAGE.id()).map(PartialImage::chunks).orElseGet(BitSet::new);
    }
  }

  @Test
  void aBatchThatWasBegunBeforeIsSyncedAllTheSame() throws IOException {
    try (ImageStore store = open()) {
      PartialImage partial = store.openPartial(IMAGE.manifest());
      partial.write(IMAGE.chunk(0));
      clock.advance(HOUR_BACK);
      partial.write(IMAGE.chunk(1));
      assertThat(durable(0)).isEqualTo(TestFiles.bits(0, 1));
      partial.write(IMAGE.chunk(2));
      clock.advance(HOUR_BACK);
      int[] round = {1};
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> durable(round[0]++).equals(TestFiles.bits(0, 1, 2)));
    }
  }

  @Test
  void anImageIsCompletedReadAndFoundAgain() throws IOException {
    try (ImageStore store = open()) {
      PartialImage partial = store.openPartial(IMAGE.manifest());
      for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
        partial.write(IMAGE.chunk(chunk));
        clock.advance(chunk == 3 ? HOUR_BACK : Duration.ofMillis(10));
      }
      StoredImage image = store.complete(partial, IMAGE.proof());
      assertThat(image.completedAt()).isEqualTo(clock.instant());
      clock.advance(HOUR_BACK);
      assertIsTrue(image);
      Files.createLink(temp.resolve("link"), image.file());
      image.linked();
      clock.advance(HOUR_BACK);
      assertIsTrue(image);
    }
    clock.advance(HOUR_BACK);
    try (ImageStore store = open()) {
      assertIsTrue(store.image(IMAGE.id()).orElseThrow());
    }
  }

  /** A look once a second must not stop until the clock is where it was. */
  @Test
  void aChangeIsNoticedAlthoughTheLastLookIsInTheFuture() throws IOException {
    try (ImageStore store = open()) {
      StoredImage image =
          store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
      assertIsTrue(image);
      clock.advance(HOUR_BACK);
      TestFiles.flipByte(image.file(), 5);
      assertThat(readsAtAll(image)).isFalse();
      assertThat(store.image(IMAGE.id())).isEmpty();
    }
  }

  private static boolean readsAtAll(StoredImage image) {
    try {
      image.read(0, ByteBuffer.allocate(10));
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  private static void assertIsTrue(StoredImage image) {
    byte[] bytes = new byte[IMAGE.bytes().length];
    image.read(0, ByteBuffer.wrap(bytes));
    assertThat(bytes).isEqualTo(IMAGE.bytes());
  }
}
