package dev.gvmi.node.store;

import static dev.gvmi.node.store.TestFiles.bits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of a data directory that is not as the last run left it. */
final class ImageStoreRecoveryIT {
  private static final TestImage IMAGE = TestImage.random(3_500_000, 1);
  private static final int CHUNK_BYTES = 256 << 10;

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;

  @BeforeEach
  void makeDirectory() {
    data = temp.resolve("data");
    open().close();
  }

  private ImageStore open() {
    return RocksImageStore.open(data, clock);
  }

  private void withImage() throws IOException {
    try (ImageStore store = open()) {
      store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    }
  }

  private void withPartial(int... chunks) {
    try (ImageStore store = open()) {
      writeTo(store, chunks);
    }
  }

  private static PartialImage writeTo(ImageStore store, int... chunks) {
    PartialImage partial = store.openPartial(IMAGE.manifest());
    for (int chunk : chunks) {
      partial.write(IMAGE.chunk(chunk));
    }
    return partial;
  }

  private static byte[] readAll(ImageStore store) {
    byte[] bytes = new byte[IMAGE.bytes().length];
    store.image(IMAGE.id()).orElseThrow().read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void assertChunksAreTrue(PartialImage partial) {
    partial.chunks().stream()
        .forEach(chunk -> {
          byte[] bytes = new byte[IMAGE.manifest().geometry().chunkLength(chunk)];
          partial.read(IMAGE.manifest().geometry().chunkOffset(chunk), ByteBuffer.wrap(bytes));
          assertThat(bytes).as("chunk %d", chunk).isEqualTo(IMAGE.chunkBytes(chunk));
        });
  }

  private void assertNothingHeld() {
    try (ImageStore store = open()) {
      assertThat(store.images()).isEmpty();
    }
    assertThat(TestFiles.image(data, IMAGE)).doesNotExist();
    assertThat(TestFiles.imageManifest(data, IMAGE)).doesNotExist();
  }

  @Test
  void deletesImportFilesThatWereLeftBehind() throws IOException {
    Path left;
    try (ImageStore store = open()) {
      left = Files.write(store.newImportFile(), new byte[10]);
    }
    assertThat(left).exists();
    open().close();
    assertThat(left).doesNotExist();
  }

  @Test
  void adoptsAFileWithoutARowOnceItIsVerified() throws IOException {
    Path file = TestFiles.putImage(data, IMAGE, IMAGE.bytes());
    try (ImageStore store = open()) {
      assertThat(readAll(store)).isEqualTo(IMAGE.bytes());
      assertThat(store.image(IMAGE.id()).orElseThrow().manifest()).isEqualTo(IMAGE.manifest());
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("r--r--r--");
    assertThat(TestFiles.imageManifest(data, IMAGE)).exists();
  }

  @Test
  void aDamagedFileWithoutARowIsNotServed() throws IOException {
    byte[] damaged = IMAGE.bytes();
    damaged[2_000_000] ^= 1;
    TestFiles.putImage(data, IMAGE, damaged);
    assertNothingHeld();
  }

  @Test
  void anEmptyFileWithoutARowIsNotServed() throws IOException {
    TestFiles.putImage(data, IMAGE, new byte[0]);
    assertNothingHeld();
  }

  @Test
  void leavesFilesThatAreNotItsOwnAlone() throws IOException {
    withImage();
    Path note = Files.write(TestFiles.image(data, IMAGE).resolveSibling("note"), new byte[3]);
    Path wrongFolder = Files.createDirectories(data.resolve("images/zz"));
    Path misplaced = Files.write(wrongFolder.resolve(IMAGE.id() + ".gvmi"), new byte[3]);
    open().close();
    assertThat(note).exists();
    assertThat(misplaced).exists();
  }

  @Test
  void forgetsAnImageWhoseFileIsGone() throws IOException {
    withImage();
    Files.delete(TestFiles.image(data, IMAGE));
    assertNothingHeld();
  }

  @Test
  void doesNotServeAnImageThatChangedWhileNothingRan() throws IOException {
    withImage();
    Path file = TestFiles.image(data, IMAGE);
    FileTime modified = Files.getLastModifiedTime(file);
    TestFiles.flipByte(file, 17);
    Files.setLastModifiedTime(file, modified);
    try (ImageStore store = open()) {
      assertThat(store.image(IMAGE.id())).isEmpty();
      assertThat(store.images()).isEmpty();
      assertThat(store.auditable()).containsExactly(IMAGE.id());
    }
  }

  @Test
  void verifiesAnImageAgainThatWasOnlyTouched() throws IOException {
    withImage();
    Files.setLastModifiedTime(TestFiles.image(data, IMAGE), FileTime.from(Instant.EPOCH));
    try (ImageStore store = open()) {
      assertThat(readAll(store)).isEqualTo(IMAGE.bytes());
    }
  }

  @Test
  void makesADamagedOrMissingManifestAgain() throws IOException {
    withImage();
    Path manifest = TestFiles.imageManifest(data, IMAGE);
    TestFiles.flipByte(manifest, 100);
    for (int round = 0; round < 2; round++) {
      try (ImageStore store = open()) {
        assertThat(store.image(IMAGE.id()).orElseThrow().manifest()).isEqualTo(IMAGE.manifest());
      }
      assertThat(ByteBuffer.wrap(Files.readAllBytes(manifest))).isEqualTo(IMAGE.manifest().bytes());
      Files.delete(manifest);
    }
  }

  @Test
  void adoptsTheImagesAgainWhenTheIndexIsLost() throws IOException {
    withImage();
    TestFiles.deleteTree(data.resolve("index"));
    try (ImageStore store = open()) {
      assertThat(readAll(store)).isEqualTo(IMAGE.bytes());
    }
  }

  @Test
  void aPartialWithoutARowHoldsNothing() throws IOException {
    withPartial(0, 1, 2);
    TestFiles.deleteTree(data.resolve("index"));
    try (ImageStore store = open()) {
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunkCount()).isZero();
    }
  }

  @Test
  void aDamagedIndexIsUnusableAndGivesTheDirectoryFree() throws IOException {
    withImage();
    Files.writeString(data.resolve("index/CURRENT"), "nonsense");
    assertThatThrownBy(this::open)
        .asInstanceOf(type(StoreException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNUSABLE))
        .satisfies(e -> assertThat(e).hasMessageContaining("index"));
    TestFiles.deleteTree(data.resolve("index"));
    try (ImageStore store = open()) {
      assertThat(store.images()).hasSize(1);
    }
  }

  @Test
  void aPartialWithoutItsManifestIsDeleted() throws IOException {
    withPartial(0);
    Files.delete(TestFiles.partialManifest(data, IMAGE));
    try (ImageStore store = open()) {
      assertThat(store.partials()).isEmpty();
    }
    assertThat(data.resolve("partial")).isEmptyDirectory();
  }

  @Test
  void aManifestWithoutItsPartialIsDeletedAndItsProgressForgotten() throws IOException {
    withPartial(0);
    Files.delete(TestFiles.partial(data, IMAGE));
    try (ImageStore store = open()) {
      assertThat(store.partials()).isEmpty();
      assertThat(store.openPartial(IMAGE.manifest()).chunkCount()).isZero();
    }
  }

  @Test
  void aPartialOfACompleteImageIsDeleted() throws IOException {
    withPartial(0);
    TestFiles.putImage(data, IMAGE, IMAGE.bytes());
    try (ImageStore store = open()) {
      assertThat(store.images()).hasSize(1);
      assertThat(store.partials()).isEmpty();
    }
    assertThat(data.resolve("partial")).isEmptyDirectory();
  }

  @Test
  void chunksBeyondATornTailAreNotHere() throws IOException {
    withPartial(0, 1, 2, 3, 4, 5, 6, 7);
    TestFiles.truncate(TestFiles.partial(data, IMAGE), 3 * CHUNK_BYTES + 1);
    try (ImageStore store = open()) {
      PartialImage partial = store.partial(IMAGE.id()).orElseThrow();
      assertThat(partial.chunks()).isEqualTo(bits(0, 1, 2));
      assertChunksAreTrue(partial);
    }
  }

  /** A chunk behind the gap makes the file long again: the old bits must not come back to life. */
  @Test
  void chunksOfATornTailStayAwayAfterACrash() throws IOException {
    withPartial(0, 1, 2, 3, 4, 5);
    TestFiles.truncate(TestFiles.partial(data, IMAGE), 3 * CHUNK_BYTES);
    Path crashed;
    try (ImageStore store = open()) {
      writeTo(store, 9);
      crashed = TestFiles.crashed(data, temp.resolve("crashed"));
    }
    try (ImageStore store = RocksImageStore.open(crashed, clock)) {
      PartialImage partial = store.partial(IMAGE.id()).orElseThrow();
      assertThat(partial.chunks()).isEqualTo(bits(0, 1, 2));
      assertChunksAreTrue(partial);
    }
  }

  /** What a kill leaves while a partial gets another manifest: the row is still the old one's. */
  @Test
  void theProgressOfAnotherManifestCountsForNothingEvenWhenThatOneComesBack() throws IOException {
    withPartial(0, 1);
    Path manifest = TestFiles.partialManifest(data, IMAGE);
    byte[] old = Files.readAllBytes(manifest);
    byte[] other = new byte[old.length];
    IMAGE.withFalseChunkHash(0).bytes().get(other);
    Files.write(manifest, other);
    try (ImageStore store = open()) {
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunkCount()).isZero();
    }
    Files.write(manifest, old);
    try (ImageStore store = open()) {
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunkCount()).isZero();
    }
  }

  @Test
  void whatWasNotSyncedIsNotHereAfterACrash() {
    Path crashed;
    try (ImageStore store = open()) {
      PartialImage partial = writeTo(store, 0, 1);
      partial.sync();
      partial.write(IMAGE.chunk(2));
      crashed = TestFiles.crashed(data, temp.resolve("crashed"));
    }
    try (ImageStore store = RocksImageStore.open(crashed, clock)) {
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunks()).isEqualTo(bits(0, 1));
    }
  }

  /** A kill leaves what was written since the last sync, whole or torn. */
  @Test
  void garbageBeyondTheBitmapIsNotHere() throws IOException {
    withPartial(0, 2);
    byte[] garbage = new byte[5 * CHUNK_BYTES + 77];
    Arrays.fill(garbage, (byte) 0x5a);
    try (FileChannel file =
        FileChannel.open(TestFiles.partial(data, IMAGE), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(garbage), 3 * CHUNK_BYTES);
      file.write(ByteBuffer.wrap(garbage), IMAGE.bytes().length);
    }
    try (ImageStore store = open()) {
      assertThat(store.partial(IMAGE.id()).orElseThrow().chunks()).isEqualTo(bits(0, 2));
      PartialImage partial = store.partial(IMAGE.id()).orElseThrow();
      assertChunksAreTrue(partial);
      writeTo(store, IntStream.range(0, IMAGE.chunkCount()).toArray());
      assertThat(partial.chunkCount()).isEqualTo(IMAGE.chunkCount());
      assertChunksAreTrue(partial);
    }
  }

  /** The file is placed by a link, so whole. */
  @Test
  void anImageThatIsCompletedFromATooLongFileIsTheImage() throws IOException {
    withPartial(0);
    Files.write(
        TestFiles.partial(data, IMAGE),
        new byte[IMAGE.bytes().length + 1000 - CHUNK_BYTES],
        StandardOpenOption.APPEND);
    try (ImageStore store = open()) {
      PartialImage partial = writeTo(store, IntStream.range(0, IMAGE.chunkCount()).toArray());
      assertThat(store.complete(partial, IMAGE.proof()).file()).hasBinaryContent(IMAGE.bytes());
    }
  }

  @Test
  void aFileOfTheSameSizeInPlaceOfAnImageIsNotServed() throws IOException {
    withImage();
    Path file = TestFiles.image(data, IMAGE);
    FileTime modified = Files.getLastModifiedTime(file);
    Files.delete(file);
    Files.write(file, TestImage.random(IMAGE.bytes().length, 2).bytes());
    Files.setLastModifiedTime(file, modified);
    try (ImageStore store = open()) {
      assertThat(store.images()).isEmpty();
      assertThat(store.image(IMAGE.id())).isEmpty();
      assertThat(store.auditable()).containsExactly(IMAGE.id());
    }
  }

  @Test
  void aWrongFileIsNotAdoptedWhenTheIndexIsLostAndTheOthersAre() throws IOException {
    withImage();
    TestImage other = TestImage.random(1_000_000, 9);
    TestFiles.putImage(data, other, IMAGE.bytes());
    TestFiles.deleteTree(data.resolve("index"));
    try (ImageStore store = open()) {
      assertThat(readAll(store)).isEqualTo(IMAGE.bytes());
      assertThat(store.image(other.id())).isEmpty();
    }
    assertThat(TestFiles.image(data, other)).doesNotExist();
  }

  /** Nobody's start fails for what somebody put there. */
  @Test
  void foldersThatHaveTheNameOfAFileAreLeftAlone() throws IOException {
    withImage();
    TestImage other = TestImage.random(1_000_000, 9);
    List<Path> folders =
        List.of(
            TestFiles.image(data, other),
            TestFiles.imageManifest(data, other),
            TestFiles.partial(data, other),
            TestFiles.partialManifest(data, other),
            data.resolve("import/import-1.tmp"));
    for (Path folder : folders) {
      Files.write(Files.createDirectories(folder).resolve("note"), new byte[3]);
    }
    try (ImageStore store = open()) {
      assertThat(readAll(store)).isEqualTo(IMAGE.bytes());
      assertThat(store.images()).hasSize(1);
      assertThat(store.partials()).isEmpty();
      assertThat(store.remove(other.id())).isFalse();
      assertThatThrownBy(() -> store.openPartial(other.manifest()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("partial");
    }
    for (Path folder : folders) {
      assertThat(folder.resolve("note")).exists();
    }
  }

  @Test
  void aFolderInPlaceOfAnImageThatWasHeldIsReportedOnce() throws IOException {
    withImage();
    Path file = TestFiles.image(data, IMAGE);
    Files.delete(file);
    Files.write(Files.createDirectory(file).resolve("note"), new byte[3]);
    for (int round = 0; round < 2; round++) {
      try (ImageStore store = open()) {
        assertThat(store.images()).isEmpty();
      }
    }
    assertThat(file.resolve("note")).exists();
  }
}
