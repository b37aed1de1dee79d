package dev.gvmi.node.store.file;

import static dev.gvmi.node.store.TestFiles.bits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a partial image becomes durable, and what a failed sync leaves. */
@Timeout(60)
final class PartialDurabilityIT {
  private static final TestImage IMAGE = TestImage.random(3_500_000, 1);

  private final TestClock clock = new TestClock();
  private final MemoryIndex index = new MemoryIndex();
  @TempDir private Path data;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = FileImageStore.open(data, folder -> index, clock);
  }

  @AfterEach
  void close() {
    index.failing(false);
    store.close();
  }

  private PartialImage partial(int... chunks) {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    for (int chunk : chunks) {
      partial.write(IMAGE.chunk(chunk));
    }
    return partial;
  }

  private BitSet indexed() {
    return index.progress(IMAGE.id()).map(ProgressRow::chunks).orElseGet(BitSet::new);
  }

  private void assertBytesAreInTheFile(BitSet chunks) {
    try (RandomAccessFile file =
        new RandomAccessFile(TestFiles.partial(data, IMAGE).toFile(), "r")) {
      for (int chunk : chunks.stream().toArray()) {
        byte[] bytes = new byte[IMAGE.manifest().geometry().chunkLength(chunk)];
        file.seek(IMAGE.manifest().geometry().chunkOffset(chunk));
        file.readFully(bytes);
        assertThat(bytes).isEqualTo(IMAGE.chunkBytes(chunk));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void writesNoRowBeforeTheBatchIsDue() {
    partial(0, 1);
    assertThat(indexed()).isEqualTo(bits());
  }

  @Test
  void theNextWriteSyncsABatchThatIsOneSecondOld() {
    partial(0, 1);
    clock.advance(Progress.BATCH_AGE);
    partial(2);
    assertThat(indexed()).isEqualTo(bits(0, 1, 2));
  }

  @Test
  void theTimerSyncsABatchWhenNothingFollows() {
    partial(0, 1, 2, 3).segmentVerified(0);
    clock.advance(Progress.BATCH_AGE);
    await().atMost(Duration.ofSeconds(20)).until(() -> indexed().equals(bits(0, 1, 2, 3)));
    assertThat(index.progress(IMAGE.id()).orElseThrow().segments()).isEqualTo(bits(0));
  }

  @Test
  void aFailedSyncLosesItsBatchAndEndsThePartial() {
    PartialImage partial = partial(0);
    partial.sync();
    partial.write(IMAGE.chunk(1));
    index.failing(true);
    assertThatThrownBy(partial::sync).isInstanceOf(StoreException.class);
    assertThat(partial.chunks()).isEqualTo(bits(0));
    index.failing(false);
    assertThatThrownBy(partial::sync).hasMessageContaining("failed before");
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(1))).isInstanceOf(StoreException.class);
    assertThat(indexed()).isEqualTo(bits(0));
  }

  @Test
  void aPartialThatFailedIsOpenedAgainWithWhatIsDurable() {
    PartialImage failed = partial(0);
    failed.sync();
    failed.write(IMAGE.chunk(1));
    index.failing(true);
    assertThatThrownBy(failed::sync).isInstanceOf(StoreException.class);
    index.failing(false);
    PartialImage again = partial();
    assertThat(again).isNotSameAs(failed);
    assertThat(again.chunks()).isEqualTo(bits(0));
    again.write(IMAGE.chunk(1));
    again.sync();
    assertThat(indexed()).isEqualTo(bits(0, 1));
  }

  /**
   * The timer meets the full disk first, and the caller what is left of it: both are told the same.
   */
  @Test
  void aPartialThatFailedForLackOfSpaceSaysSoToEachCall() {
    PartialImage partial = partial(0);
    index.full(true);
    clock.advance(Progress.BATCH_AGE);
    await().atMost(Duration.ofSeconds(20)).until(() -> partial.chunkCount() == 0);
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            partial::sync,
            () -> partial.write(IMAGE.chunk(1)),
            () -> partial.read(0, ByteBuffer.allocate(1)),
            () -> partial.segmentVerified(0))) {
      assertThatThrownBy(call)
          .asInstanceOf(type(StoreException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.NO_SPACE))
          .satisfies(e -> assertThat(e).hasMessageContaining("failed before"));
    }
  }

  @Test
  void anImageWhoseRowCannotBeWrittenIsHeldAndVerifiedAgainAtTheNextStart() throws IOException {
    PartialImage partial = partial();
    for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
      partial.write(IMAGE.chunk(chunk));
    }
    partial.sync();
    index.full(true);
    assertThat(store.complete(partial, IMAGE.proof()).file()).hasBinaryContent(IMAGE.bytes());
    assertThat(store.image(IMAGE.id())).isPresent();
    assertThat(store.partials()).isEmpty();
    assertThat(index.images()).isEmpty();
    index.full(false);
    store.close();
    open();
    assertThat(store.image(IMAGE.id())).isPresent();
    assertThat(index.images()).hasSize(1);
    assertThat(index.allProgress()).isEmpty();
  }

  @Test
  void aFileThatIsCutWhileItIsFetchedIsNoImage() throws IOException {
    PartialImage partial = partial();
    for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
      partial.write(IMAGE.chunk(chunk));
    }
    TestFiles.truncate(TestFiles.partial(data, IMAGE), 1_000_000);
    assertThatThrownBy(() -> store.complete(partial, IMAGE.proof()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cut");
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(partial().chunkCount()).isEqualTo(3);
  }

  @Test
  void aLinkOfAnImageWhoseRowCannotBeWrittenIsNoChange() throws IOException {
    StoredImage image =
        store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    index.full(true);
    Files.createLink(data.resolve("link"), image.file());
    clock.advance(Duration.ofDays(1));
    image.linked();
    image.check();
    assertThat(store.image(IMAGE.id())).isPresent();
  }

  @Test
  void aStoreWhoseIndexDoesNotOpenGivesTheDirectoryFree() {
    store.close();
    assertThatThrownBy(() ->
            FileImageStore.open(
                data,
                folder -> {
                  throw new StoreException(StoreException.Kind.UNUSABLE, "no index");
                },
                clock))
        .hasMessage("no index");
    open();
    assertThat(store.images()).isEmpty();
  }

  @Test
  void eachBitFollowsItsBytesHoweverManyWrite() throws Exception {
    index.onProgress(row -> assertBytesAreInTheFile(row.chunks()));
    PartialImage partial = partial();
    List<Future<?>> writers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
        int index = chunk;
        writers.add(threads.submit(() -> partial.write(IMAGE.chunk(index))));
        writers.add(threads.submit(partial::sync));
      }
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    assertThat(partial.chunkCount()).isEqualTo(IMAGE.chunkCount());
    StoredImage stored = store.complete(partial, IMAGE.proof());
    assertThat(stored.file()).hasBinaryContent(IMAGE.bytes());
  }
}
