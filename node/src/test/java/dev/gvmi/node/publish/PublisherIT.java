package dev.gvmi.node.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.ImageTrailer;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is published, and what is not: an image that is no image leaves nothing behind. */
final class PublisherIT {
  private static final int SQUASHFS_BYTES = 3_000_000;
  private static final byte[] IMAGE = withTrailer("{\"Cmd\":[\"sh\"]}");

  @TempDir private Path temp;
  private Path data;
  private Path file;
  private ImageStore store;

  @BeforeEach
  void open() throws IOException {
    data = temp.resolve("data");
    store = RocksImageStore.open(data, new TestClock());
    file = Files.write(temp.resolve("image.gvmi"), IMAGE);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static byte[] squashfs() {
    byte[] bytes = new byte[SQUASHFS_BYTES];
    new Random(3).nextBytes(bytes);
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0, 0x73717368).putInt(4, 1).putInt(12, 1 << 17).putShort(20, (short) 1);
    head.putShort(22, (short) 17).putShort(28, (short) 4).putShort(30, (short) 0);
    head.putLong(40, SQUASHFS_BYTES);
    return bytes;
  }

  private static byte[] withTrailer(String json) {
    return with(new ImageTrailer(json).encode());
  }

  private static byte[] with(ByteBuffer trailer) {
    ByteBuffer all = ByteBuffer.allocate(SQUASHFS_BYTES + trailer.remaining());
    return all.put(squashfs()).put(trailer).array();
  }

  private StoredImage publish() throws IOException, InvalidImageException {
    return publish(() -> {});
  }

  /** Something that happens when the first piece was read. */
  private interface Meanwhile {
    void run() throws IOException;
  }

  private StoredImage publish(Meanwhile meanwhile) throws IOException, InvalidImageException {
    boolean[] done = {false};
    return new Publisher(store, new ScalarSegmentHasher(), Space.of(() -> Long.MAX_VALUE))
        .publish(
            file,
            bytes -> {
              if (!done[0]) {
                done[0] = true;
                run(meanwhile);
              }
            })
        .image();
  }

  private static void run(Meanwhile meanwhile) {
    try {
      meanwhile.run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(byte[] content, String says) throws IOException {
    Files.write(file, content);
    assertThatThrownBy(this::publish)
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining(says);
    assertNothingIsHeld();
  }

  private void assertNothingIsHeld() throws IOException {
    assertThat(store.images()).isEmpty();
    assertThat(data.resolve("import")).isEmptyDirectory();
    assertThat(TestFiles.list(data.resolve("images"))).isEmpty();
  }

  private void assertRefusedWhen(Meanwhile meanwhile, String says) throws IOException {
    assertThatThrownBy(() -> publish(meanwhile))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining(says);
    assertNothingIsHeld();
  }

  @Test
  void publishesAnImageAndLeavesTheFileAlone() throws Exception {
    StoredImage image = publish();
    assertThat(image.file()).hasBinaryContent(IMAGE);
    assertThat(file).hasBinaryContent(IMAGE);
    assertThat(data.resolve("import")).isEmptyDirectory();
  }

  @Test
  void refusesWhatTheRuntimeCouldNotRun() throws IOException {
    assertRefused(new byte[0], "no squashfs");
    assertRefused(new byte[4096], "no squashfs");
    assertRefused(Arrays.copyOf(IMAGE, 50), "no squashfs");
    assertRefused(Arrays.copyOf(IMAGE, 1_000_000), "truncated");
    assertRefused(Arrays.copyOf(IMAGE, SQUASHFS_BYTES), "trailer");
    assertRefused(Arrays.copyOf(IMAGE, IMAGE.length - 1), "trailer");
  }

  @Test
  void refusesATrailerThatIsDamagedOrNoJsonObject() throws IOException {
    byte[] damaged = IMAGE.clone();
    damaged[SQUASHFS_BYTES + 6] ^= 1;
    assertRefused(damaged, "CRC-32");
    assertRefused(withTrailer("{\"Cmd\":"), "no JSON");
    assertRefused(withTrailer("[1,2]"), "no JSON object");
    assertRefused(withTrailer(""), "no JSON");
    assertRefused(withTrailer("[".repeat(100_000)), "no JSON");
    assertRefused(withInvalidUtf8(), "UTF-8");
  }

  private static byte[] withInvalidUtf8() {
    byte[] text = {'{', (byte) 0xff, '}'};
    CRC32 crc = new CRC32();
    crc.update(text);
    ByteBuffer trailer = ByteBuffer.allocate(15).order(ByteOrder.LITTLE_ENDIAN);
    byte[] length = "00000003".getBytes(StandardCharsets.US_ASCII);
    return with(trailer.putInt((int) crc.getValue()).put(text).put(length).flip());
  }

  @Test
  void refusesAFolder() throws IOException {
    Files.delete(file);
    Files.createDirectory(file);
    assertThatThrownBy(this::publish).isInstanceOf(InvalidImageException.class);
    assertNothingIsHeld();
  }

  @Test
  void refusesAFileThatIsWrittenToWhileItIsRead() throws IOException {
    assertRefusedWhen(() -> TestFiles.flipByte(file, 10), "changed");
  }

  @Test
  void refusesAFileThatGrowsOrShrinksWhileItIsRead() throws IOException {
    assertRefusedWhen(() -> Files.write(file, new byte[1], StandardOpenOption.APPEND), "changed");
    Files.write(file, IMAGE);
    assertRefusedWhen(() -> TestFiles.truncate(file, 1_500_000), "shorter");
  }

  @Test
  void refusesAFileThatIsReplacedWhileItIsRead() throws IOException {
    Path other = Files.write(temp.resolve("other"), IMAGE);
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    assertRefusedWhen(
        () -> Files.move(other, file, StandardCopyOption.REPLACE_EXISTING), "changed");
  }

  @Test
  void publishesAgainWhatChangedOnceItIsLeftAlone() throws Exception {
    assertRefusedWhen(() -> TestFiles.flipByte(file, 100_000), "changed");
    assertThat(publish().file()).hasBinaryContent(Files.readAllBytes(file));
  }
}
