package dev.gvmi.node.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Delta indexes made in the background of a real store. */
@Timeout(60)
final class DeltaMakerIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final TestImage A = TestImage.random(3 << 20, 1);
  private static final TestImage B = TestImage.random(1 << 20, 2);

  @TempDir Path folder;
  private ImageStore store;
  private DeltaMaker maker;

  @BeforeEach
  void open() {
    store = RocksImageStore.open(folder, InstantSource.system());
    maker = new DeltaMaker(store);
  }

  @AfterEach
  void close() {
    maker.close();
    store.close();
  }

  @Test
  void makesThatOfEachImageThatBecomesComplete() throws Exception {
    A.into(store);
    maker.finish(LONG);
    assertThat(store.deltas().index(A.id())).contains(A.delta());
    B.into(store);
    await().untilAsserted(() -> assertThat(store.deltas().index(B.id())).contains(B.delta()));
    maker.finish(LONG);
    assertThat(store.deltas().missing()).isEmpty();
    assertThat(new HeldSpans(store.deltas()).sharedBytes(B.delta())).isZero();
  }

  @Test
  void makesWhatEarlierRunsLeftOnceItIsWoken() throws Exception {
    maker.close();
    A.into(store);
    close();
    open();
    // as a command does that lists images, say
    maker.finish(LONG);
    assertThat(store.deltas().missing()).containsExactly(A.id());
    maker.wake();
    await().untilAsserted(() -> assertThat(store.deltas().missing()).isEmpty());
    assertThat(store.deltas().missing()).isEmpty();
    assertThat(store.deltas().index(A.id())).contains(A.delta());
  }

  @Test
  void aCloseEndsTheWorkAndTheNextRunBeginsAgain() throws Exception {
    TestImage large = TestImage.random(20 << 20, 3);
    large.into(store);
    close();
    open();
    maker.wake();
    await().untilAsserted(() -> assertThat(store.deltas().missing()).isEmpty());
    assertThat(store.deltas().index(large.id())).contains(large.delta());
  }

  @Test
  void tellsHowMuchOfAnImageLiesInOthers() throws Exception {
    A.into(store);
    maker.finish(LONG);
    byte[] bytes = A.bytes();
    bytes[bytes.length / 2] ^= 1;
    TestImage next = TestImage.of(bytes);
    long shared = new HeldSpans(store.deltas()).sharedBytes(next.delta());
    assertThat(shared).isBetween(bytes.length - (1L << 20), bytes.length - 1L);
    assertThat(new HeldSpans(store.deltas()).sharedBytes(A.delta())).isZero();
    store.remove(A.id());
    assertThat(new HeldSpans(store.deltas()).sharedBytes(next.delta())).isZero();
  }
}
