package dev.gvmi.node.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A demotion that is cut short by a crash. */
final class DemotionIT {
  private static final TestImage IMAGE = TestImage.random(1_500_000, 3);
  private static final BitSet GOOD = TestFiles.bits(0, 1, 3, 4, 5);

  private final TestClock clock = new TestClock();
  private final MemoryIndex index = new MemoryIndex();
  @TempDir private Path temp;

  private ImageStore open() {
    return FileImageStore.open(temp, folder -> index, clock);
  }

  private void hold() throws IOException {
    try (ImageStore store = open()) {
      store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    }
  }

  private Demotion demotion(DiskThreads threads) {
    DataDirectory directory = DataDirectory.open(temp);
    directory.close(); // Gives the lock up: this process plays the one that died.
    return new Demotion(
        new Disk(
            directory,
            index,
            new OpenFiles(4),
            threads,
            new Holdings(),
            new Uses(index, clock),
            clock));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isFinishedAtTheNextStart(boolean linked) throws IOException {
    hold();
    if (linked) {
      Files.createLink(temp.resolve("link"), TestFiles.image(temp, IMAGE));
    }
    try (DiskThreads threads = new DiskThreads()) {
      demotion(threads).begin(IMAGE.manifest(), GOOD);
    }
    try (ImageStore store = open()) {
      assertThat(store.auditable()).isEmpty();
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunks()).isEqualTo(GOOD);
      assertThat(TestFiles.image(temp, IMAGE)).doesNotExist();
    }
  }

  @Test
  void isCompleteAfterItsLastStepEvenIfTheOldFileIsStillThere() throws IOException {
    hold();
    Path file = TestFiles.image(temp, IMAGE);
    byte[] damaged = IMAGE.bytes();
    damaged[600_000] ^= 1;
    try (DiskThreads threads = new DiskThreads()) {
      Demotion demotion = demotion(threads);
      demotion.begin(IMAGE.manifest(), GOOD);
      demotion.finish(IMAGE.id());
    }
    TestFiles.putImage(temp, IMAGE, damaged);
    try (ImageStore store = open()) {
      assertThat(store.auditable()).isEmpty();
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunks()).isEqualTo(GOOD);
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void aFetchThatWasBeingCompletedIsNoDemotion() throws IOException {
    hold();
    BitSet all = new BitSet();
    all.set(0, IMAGE.chunkCount());
    try (DiskThreads threads = new DiskThreads()) {
      demotion(threads).begin(IMAGE.manifest(), all);
    }
    try (ImageStore store = open()) {
      assertThat(store.image(IMAGE.id())).isPresent();
    }
  }

  @Test
  void segmentsOfGoodChunksStayVerified() throws IOException {
    TestImage large = TestImage.random(5_000_000, 4);
    BitSet good = new BitSet();
    good.set(0, large.chunkCount() - 1);
    try (ImageStore store = open()) {
      store.adopt(Files.write(store.newImportFile(), large.bytes()), large.proof());
      store.audit(large.id()).orElseThrow().failed(good);
      BitSet verified = store.partial(large.id()).orElseThrow().verifiedSegments();
      assertThat(verified.cardinality()).isEqualTo(large.manifest().geometry().segmentCount() - 1);
    }
  }
}
