package dev.gvmi.node.store;

import static dev.gvmi.node.store.TestFiles.bits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an image that is read again. */
final class ImageAuditIT {
  private static final TestImage IMAGE = TestImage.random(1_500_000, 3);
  private static final BitSet GOOD = bits(0, 1, 3, 4, 5);

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;
  private ImageStore store;

  @BeforeEach
  void holdAnImage() throws IOException {
    data = temp.resolve("data");
    store = RocksImageStore.open(data, clock);
    store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    store = RocksImageStore.open(data, clock);
  }

  private ImageAudit audit() {
    return store.audit(IMAGE.id()).orElseThrow();
  }

  private Path file() {
    return TestFiles.image(data, IMAGE);
  }

  private void assertIsPartialOfTheGoodChunks() {
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(store.auditable()).isEmpty();
    PartialImage partial = store.partial(IMAGE.id()).orElseThrow();
    assertThat(partial.chunks()).isEqualTo(GOOD);
    assertThat(partial.manifest()).isEqualTo(IMAGE.manifest());
    GOOD.stream()
        .forEach(chunk -> {
          ByteBuffer bytes = ByteBuffer.allocate(IMAGE.chunkBytes(chunk).length);
          partial.read(IMAGE.manifest().geometry().chunkOffset(chunk), bytes);
          assertThat(bytes.array()).isEqualTo(IMAGE.chunkBytes(chunk));
        });
  }

  @Test
  void readsWhatIsOnTheDiskAlsoOfAnImageThatIsNotServed() throws IOException {
    TestFiles.flipByte(file(), 600_000);
    assertThatThrownBy(() -> store.image(IMAGE.id()).orElseThrow().read(0, ByteBuffer.allocate(1)))
        .isInstanceOf(StoreException.class);

    byte[] expected = IMAGE.bytes();
    expected[600_000] ^= 1;
    ByteBuffer bytes = ByteBuffer.allocate(expected.length);
    audit().read(0, bytes);
    assertThat(bytes.array()).isEqualTo(expected);
    assertThat(audit().fileBytes()).isEqualTo(expected.length);
  }

  @Test
  void anImageThatWasOnlyTouchedIsServedAgain() throws IOException {
    Files.setLastModifiedTime(file(), FileTime.from(Instant.EPOCH));
    assertThatThrownBy(() -> store.image(IMAGE.id()).orElseThrow().check())
        .isInstanceOf(StoreException.class);
    assertThat(store.image(IMAGE.id())).isEmpty();

    assertThat(audit().passed(IMAGE.proof())).isTrue();

    store.image(IMAGE.id()).orElseThrow().check();
    reopen();
    store.image(IMAGE.id()).orElseThrow().check();
  }

  @Test
  void anImageThatChangesWhileItIsReadHasNotPassed() throws IOException {
    ImageAudit audit = audit();
    TestFiles.flipByte(file(), 0);
    assertThat(audit.passed(IMAGE.proof())).isFalse();
  }

  @Test
  void aManifestThatIsDamagedIsMadeAgainFromTheProof() throws IOException {
    TestFiles.flipByte(TestFiles.imageManifest(data, IMAGE), 100);
    ImageAudit audit = audit();
    assertThat(audit.manifest()).isEmpty();

    assertThat(audit.passed(IMAGE.proof())).isTrue();

    assertThat(audit().manifest()).contains(IMAGE.manifest());
    assertThat(store.image(IMAGE.id())).isPresent();
  }

  @Test
  void aDamagedImageIsServedNoMoreFromTheWithdrawalOn() {
    audit().withdraw();
    assertThat(store.image(IMAGE.id())).isEmpty();
    assertThat(store.images()).isEmpty();
  }

  @Test
  void aDamagedImageBecomesThePartialOfItsGoodChunks() {
    StoredImage held = store.image(IMAGE.id()).orElseThrow();
    assertThat(audit().failed(GOOD)).isTrue();

    assertThatThrownBy(() -> held.read(0, ByteBuffer.allocate(1)))
        .isInstanceOf(StoreException.class);
    assertIsPartialOfTheGoodChunks();
    assertThat(file()).doesNotExist();
    reopen();
    assertIsPartialOfTheGoodChunks();
  }

  @Test
  void thePartialCanBeCompletedAgain() throws IOException {
    TestFiles.flipByte(file(), 600_000);
    audit().failed(GOOD);
    PartialImage partial = store.openPartial(IMAGE.manifest());
    partial.write(IMAGE.chunk(2));

    StoredImage image = store.complete(partial, IMAGE.proof());

    assertThat(Files.readAllBytes(image.file())).isEqualTo(IMAGE.bytes());
    assertThat(Files.isWritable(image.file()) && !isRoot()).isFalse();
    reopen();
    store.image(IMAGE.id()).orElseThrow().check();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  @Test
  void bytesBehindTheEndAreCutOff() throws IOException {
    byte[] longer = java.util.Arrays.copyOf(IMAGE.bytes(), IMAGE.bytes().length + 1000);
    Files.delete(file());
    Files.write(file(), longer);
    audit().failed(GOOD);
    assertThat(TestFiles.partial(data, IMAGE)).hasSize(IMAGE.bytes().length);
    assertIsPartialOfTheGoodChunks();
  }

  @Test
  void aFileWithAnotherLinkIsCopiedAndNotWritten() throws IOException {
    Path link = Files.createLink(temp.resolve("link"), file());
    audit().failed(GOOD);

    assertIsPartialOfTheGoodChunks();
    store.openPartial(IMAGE.manifest()).write(IMAGE.chunk(2));
    assertThat(Files.isSameFile(link, TestFiles.partial(data, IMAGE))).isFalse();
    assertThat(link).hasBinaryContent(IMAGE.bytes());
    assertThat(data.resolve("import")).isEmptyDirectory();
  }

  @Test
  void aFileThatIsGoneLeavesAnEmptyPartial() throws IOException {
    Files.delete(file());
    ImageAudit audit = audit();
    assertThat(audit.fileBytes()).isZero();
    audit.failed(new BitSet());
    assertThat(store.partial(IMAGE.id()).orElseThrow().chunkCount()).isZero();
  }

  @Test
  void withoutAManifestNothingIsKept() throws IOException {
    TestFiles.flipByte(TestFiles.imageManifest(data, IMAGE), 100);
    audit().failed(new BitSet());
    assertThat(store.auditable()).isEmpty();
    assertThat(store.partials()).isEmpty();
    assertThat(file()).doesNotExist();
  }

  @Test
  void anImageThatWasReplacedMeanwhileIsLeftAlone() throws IOException {
    ImageAudit audit = audit();
    store.remove(IMAGE.id());
    store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());

    assertThat(audit.passed(IMAGE.proof())).isFalse();
    assertThat(audit.failed(GOOD)).isFalse();
    assertThat(store.image(IMAGE.id())).isPresent();
  }

  @Test
  void anImageThatIsDamagedAtTheStartIsKeptForAnAudit() throws IOException {
    TestFiles.flipByte(file(), 600_000);
    reopen();
    assertThat(store.image(IMAGE.id())).isEmpty();
    audit().failed(GOOD);
    assertIsPartialOfTheGoodChunks();
  }
}
