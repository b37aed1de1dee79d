package dev.gvmi.node.store;

import static dev.gvmi.node.store.TestFiles.bits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.store.StoreException.Kind;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store as the node uses it: RocksDB, real files. */
final class ImageStoreIT {
  // 14 chunks, the last one short; 4 segments of SHA3-224
  private static final TestImage IMAGE = TestImage.random(3_500_000, 1);
  private static final TestImage OTHER = TestImage.random(300_000, 2);

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;
  private ImageStore store;

  @BeforeEach
  void open() {
    data = temp.resolve("data");
    store = RocksImageStore.open(data, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    store = RocksImageStore.open(data, clock);
  }

  private static void write(PartialImage partial, TestImage image, int... chunks) {
    for (int chunk : chunks) {
      partial.write(image.chunk(partial.manifest(), chunk));
    }
  }

  private PartialImage whole(TestImage image) {
    PartialImage partial = store.openPartial(image.manifest());
    for (int chunk = 0; chunk < image.chunkCount(); chunk++) {
      partial.write(image.chunk(chunk));
    }
    return partial;
  }

  private StoredImage completed(TestImage image) {
    return store.complete(whole(image), image.proof());
  }

  private static byte[] read(PartialImage partial, TestImage image, int chunk) {
    byte[] bytes = new byte[image.manifest().geometry().chunkLength(chunk)];
    partial.read(image.manifest().geometry().chunkOffset(chunk), ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static byte[] readAll(StoredImage stored) {
    byte[] bytes = new byte[(int) stored.manifest().geometry().sizeBytes()];
    stored.read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private Path importOf(byte[] bytes) throws IOException {
    return Files.write(store.newImportFile(), bytes);
  }

  @Test
  void anEmptyStoreHoldsNothing() {
    assertThat(store.images()).isEmpty();
    assertThat(store.partials()).isEmpty();
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(store.partial(IMAGE.id())).isEmpty();
  }

  @Test
  void readsBackTheChunksOfAPartial() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 13, 0, 5, 5);
    assertThat(partial.chunks()).isEqualTo(bits(0, 5, 13));
    assertThat(partial.chunkCount()).isEqualTo(3);
    for (int chunk : new int[] {0, 5, 13}) {
      assertThat(read(partial, IMAGE, chunk)).isEqualTo(IMAGE.chunkBytes(chunk));
    }
  }

  @Test
  void givesTheSamePartialWhileItIsOpen() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    assertThat(store.openPartial(IMAGE.manifest())).isSameAs(partial);
    assertThat(store.partial(IMAGE.id())).containsSame(partial);
    assertThat(store.partials()).containsExactly(partial);
  }

  @Test
  void resumesWithWhatWasThereWhenItWasClosed() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0, 1, 2, 3, 13);
    partial.segmentVerified(0);
    reopen();
    PartialImage resumed = store.partial(IMAGE.id()).orElseThrow();
    assertThat(resumed.manifest()).isEqualTo(IMAGE.manifest());
    assertThat(resumed.chunks()).isEqualTo(bits(0, 1, 2, 3, 13));
    assertThat(resumed.verifiedSegments()).isEqualTo(bits(0));
    assertThat(read(resumed, IMAGE, 13)).isEqualTo(IMAGE.chunkBytes(13));
    assertThat(readAll(completed(IMAGE))).isEqualTo(IMAGE.bytes());
  }

  @Test
  void opensAClosedPartialAgainInTheSameStore() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 7);
    partial.close();
    partial.close();
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(8))).isInstanceOf(StoreException.class);
    assertThat(store.openPartial(IMAGE.manifest()).chunks()).isEqualTo(bits(7));
  }

  @Test
  void refusesAChunkOfAnotherManifest() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    assertThatThrownBy(() -> partial.write(OTHER.chunk(0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(IMAGE.withFalseCheckpoint(), 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(partial.chunkCount()).isZero();
  }

  @Test
  void aSegmentIsNotVerifiedWithoutItsChunks() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0, 1, 2);
    assertThatThrownBy(() -> partial.segmentVerified(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> partial.segmentVerified(4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(partial.verifiedSegments()).isEqualTo(bits());
  }

  @Test
  void aNewManifestKeepsTheChunksThatBothNameAlike() {
    Manifest liar = IMAGE.withFalseChunkHash(2);
    PartialImage old = store.openPartial(liar);
    write(old, IMAGE, 0, 1, 3, 9);
    PartialImage replaced = store.openPartial(IMAGE.withFalseChunkHash(1));
    assertThat(replaced.chunks()).isEqualTo(bits(0, 3, 9));
    assertThatThrownBy(() -> old.write(IMAGE.chunk(liar, 4))).isInstanceOf(StoreException.class);
    assertThat(read(replaced, IMAGE, 9)).isEqualTo(IMAGE.chunkBytes(9));
    reopen();
    assertThat(store.partial(IMAGE.id()).orElseThrow().chunks()).isEqualTo(bits(0, 3, 9));
  }

  /**
   * Chunks begin at the same places whatever the size: only what lies beyond the new end is cut
   * off.
   */
  @Test
  void aNewManifestOfAnotherSizeKeepsTheChunksThatBothNameAlike() {
    int shorter = 3 * Geometry.CHUNK_BYTES + 100;
    PartialImage old = store.openPartial(IMAGE.manifest());
    write(old, IMAGE, 0, 2, 3, 9);
    PartialImage replaced = store.openPartial(IMAGE.withFalseSize(shorter));
    assertThat(replaced.chunks()).isEqualTo(bits(0, 2));
    assertThat(read(replaced, IMAGE, 2)).isEqualTo(IMAGE.chunkBytes(2));
    replaced.close();
    assertThat(data.resolve("partial").resolve(IMAGE.id().hex() + ".part")).hasSize(shorter);

    PartialImage longer = store.openPartial(IMAGE.manifest());
    assertThat(longer.chunks()).isEqualTo(bits(0, 2));
    assertThat(readAll(completed(IMAGE))).isEqualTo(IMAGE.bytes());
  }

  @Test
  void aNewManifestForgetsTheVerifiedSegments() {
    PartialImage old = store.openPartial(IMAGE.withFalseCheckpoint());
    write(old, IMAGE, 0, 1, 2, 3);
    old.segmentVerified(0);
    PartialImage replaced = store.openPartial(IMAGE.manifest());
    assertThat(replaced.chunks()).isEqualTo(bits(0, 1, 2, 3));
    assertThat(replaced.verifiedSegments()).isEqualTo(bits());
  }

  @Test
  void completingNeedsAllChunksAndAVainAttemptCostsNone() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0, 1);
    assertThatThrownBy(() -> store.complete(partial, IMAGE.proof()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(partial.chunks()).isEqualTo(bits(0, 1));
    assertThat(readAll(completed(IMAGE))).isEqualTo(IMAGE.bytes());
  }

  @Test
  void refusesTheProofOfAnotherImage() {
    PartialImage partial = whole(IMAGE);
    assertThatThrownBy(() -> store.complete(partial, OTHER.proof()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(partial.chunkCount()).isEqualTo(14);
  }

  @Test
  void aCompletedImageIsAReadOnlyFileWithItsManifestBeside() throws IOException {
    StoredImage stored = completed(IMAGE);
    String hash = IMAGE.id().hex();
    Path file = data.resolve("images/" + hash.substring(0, 2) + "/" + hash + ".gvmi");
    assertThat(stored.file()).isEqualTo(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("r--r--r--");
    assertThat(file).hasBinaryContent(IMAGE.bytes());
    byte[] manifest = Files.readAllBytes(TestFiles.imageManifest(data, IMAGE));
    assertThat(ByteBuffer.wrap(manifest)).isEqualTo(IMAGE.manifest().bytes());
    assertThat(data.resolve("partial")).isEmptyDirectory();
  }

  @Test
  void aCompletedImageIsHeldAndNoPartialAnyMore() {
    PartialImage partial = whole(IMAGE);
    StoredImage stored = store.complete(partial, IMAGE.proof());
    assertThat(stored.completedAt()).isEqualTo(clock.instant());
    assertThat(store.image(IMAGE.id())).containsSame(stored);
    assertThat(store.partial(IMAGE.id())).isEmpty();
    assertThat(store.complete(partial, IMAGE.proof())).isSameAs(stored);
    assertThat(read(partial, IMAGE, 6)).isEqualTo(IMAGE.chunkBytes(6));
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(0))).isInstanceOf(StoreException.class);
  }

  @Test
  void completeImagesSurviveARestartInTheOrderOfTheirIds() {
    StoredImage before = completed(IMAGE);
    completed(OTHER);
    clock.advance(Duration.ofDays(1));
    reopen();
    assertThat(store.images()).extracting(i -> i.id().hex()).isSorted().hasSize(2);
    StoredImage stored = store.image(IMAGE.id()).orElseThrow();
    assertThat(stored.completedAt()).isEqualTo(before.completedAt());
    assertThat(stored.manifest()).isEqualTo(IMAGE.manifest());
    assertThat(readAll(stored)).isEqualTo(IMAGE.bytes());
  }

  @Test
  void keepsTheManifestOfTheProof() {
    PartialImage partial = store.openPartial(IMAGE.withFalseCheckpoint());
    for (int chunk = 0; chunk < IMAGE.chunkCount(); chunk++) {
      write(partial, IMAGE, chunk);
    }
    assertThat(store.complete(partial, IMAGE.proof()).manifest()).isEqualTo(IMAGE.manifest());
    reopen();
    assertThat(store.image(IMAGE.id()).orElseThrow().manifest()).isEqualTo(IMAGE.manifest());
  }

  @Test
  void adoptsAnImportedFileAndEndsItsPartial() throws IOException {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0);
    Path imported = importOf(IMAGE.bytes());
    StoredImage stored = store.adopt(imported, IMAGE.proof());
    assertThat(readAll(stored)).isEqualTo(IMAGE.bytes());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stored.file())))
        .isEqualTo("r--r--r--");
    assertThat(imported).doesNotExist();
    assertThat(store.partial(IMAGE.id())).isEmpty();
    assertThat(data.resolve("partial")).isEmptyDirectory();
    reopen();
    assertThat(readAll(store.image(IMAGE.id()).orElseThrow())).isEqualTo(IMAGE.bytes());
  }

  @Test
  void anImportOfAnImageThatIsHeldIsDeleted() throws IOException {
    StoredImage held = completed(IMAGE);
    Path imported = importOf(IMAGE.bytes());
    assertThat(store.adopt(imported, IMAGE.proof())).isSameAs(held);
    assertThat(imported).doesNotExist();
    assertThat(readAll(held)).isEqualTo(IMAGE.bytes());
  }

  @Test
  void adoptsOnlyImportFilesOfTheRightSize() throws IOException {
    Path foreign = Files.write(temp.resolve("foreign"), IMAGE.bytes());
    assertThatThrownBy(() -> store.adopt(foreign, IMAGE.proof()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(foreign).exists();
    Path cut = importOf(new byte[1000]);
    assertThatThrownBy(() -> store.adopt(cut, IMAGE.proof()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.images()).isEmpty();
  }

  @Test
  void readsOnlyInsideTheImage() {
    PartialImage partial = whole(IMAGE);
    assertThatThrownBy(() -> partial.read(3_499_999, ByteBuffer.allocate(2)))
        .isInstanceOf(IllegalArgumentException.class);
    StoredImage stored = store.complete(partial, IMAGE.proof());
    for (long offset : new long[] {-1, 3_499_999, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> stored.read(offset, ByteBuffer.allocate(2)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    stored.read(3_499_998, ByteBuffer.allocate(2));
  }

  @Test
  void removesACompleteImageForGood() {
    StoredImage stored = completed(IMAGE);
    assertThat(store.remove(IMAGE.id())).isTrue();
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(stored.file()).doesNotExist();
    assertThat(TestFiles.imageManifest(data, IMAGE)).doesNotExist();
    assertThatThrownBy(() -> readAll(stored)).isInstanceOf(StoreException.class);
    assertThat(store.remove(IMAGE.id())).isFalse();
    reopen();
    assertThat(store.images()).isEmpty();
  }

  @Test
  void fillsSeveralBuffersOneAfterTheOther() throws IOException {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0, 1);
    StoredImage stored = completed(OTHER);
    ByteBuffer first = ByteBuffer.allocate(1000);
    ByteBuffer second = ByteBuffer.allocateDirect(100_000);
    partial.read(200_000, first, second);
    assertThat(first.array()).isEqualTo(Arrays.copyOfRange(IMAGE.bytes(), 200_000, 201_000));
    assertThat(second.flip())
        .isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(IMAGE.bytes(), 201_000, 301_000)));
    stored.read(5, first.clear(), second.clear().limit(7));
    assertThat(first.array()).isEqualTo(Arrays.copyOfRange(OTHER.bytes(), 5, 1_005));
    assertThat(second.flip())
        .isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(OTHER.bytes(), 1_005, 1_012)));
    assertThatThrownBy(() -> partial.read(3_499_000, first.clear(), second.clear().limit(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1001 bytes");
  }

  @Test
  void removesAPartialImageOpenOrNot() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    write(partial, IMAGE, 0);
    store.openPartial(OTHER.manifest()).close();
    assertThat(store.remove(IMAGE.id())).isTrue();
    assertThat(store.remove(OTHER.id())).isTrue();
    assertThat(data.resolve("partial")).isEmptyDirectory();
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(1))).isInstanceOf(StoreException.class);
    assertThat(store.openPartial(IMAGE.manifest()).chunkCount()).isZero();
  }

  @Test
  void anInterruptNeitherStopsACallNorClosesTheFile() {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    Thread.currentThread().interrupt();
    write(partial, IMAGE, 0, 1);
    partial.sync();
    assertThat(read(partial, IMAGE, 1)).isEqualTo(IMAGE.chunkBytes(1));
    assertThat(Thread.interrupted()).isTrue();
    write(partial, IMAGE, 2);
    assertThat(partial.chunks()).isEqualTo(bits(0, 1, 2));
  }

  @Test
  void aDirectoryInUseIsRefusedAndTheFirstStoreGoesOn() {
    assertThatThrownBy(() -> RocksImageStore.open(data, clock))
        .asInstanceOf(type(StoreException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.IN_USE))
        .satisfies(e -> assertThat(e).hasMessageContaining("in use"));
    assertThat(readAll(completed(OTHER))).isEqualTo(OTHER.bytes());
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsUnusable() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    assertThatThrownBy(() -> RocksImageStore.open(file, clock))
        .asInstanceOf(type(StoreException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNUSABLE));
  }

  @Test
  void aClosedStoreFailsEachCall() {
    StoredImage stored = completed(OTHER);
    PartialImage partial = store.openPartial(IMAGE.manifest());
    store.close();
    store.close();
    assertThatThrownBy(() -> readAll(stored)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> partial.write(IMAGE.chunk(0))).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.openPartial(IMAGE.manifest()))
        .isInstanceOf(StoreException.class);
  }
}
