package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.NodeProcesses.Daemon;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Files that are not as they should be: what is damaged is told, and neither served nor placed nor
 * overwritten.
 */
@Timeout(120)
final class DamageIT {
  private static final int IMAGE_BYTES = 3_000_000;

  @TempDir private Path folder;
  private NodeProcesses nodes;
  private Path image;

  @BeforeEach
  void make() throws Exception {
    nodes = new NodeProcesses(folder);
    image = MadeImage.write(folder.resolve("image.gvmi"), IMAGE_BYTES);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  private Path dir(String name) {
    return folder.resolve(name);
  }

  private static void flip(Path file, long offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1));
      channel.write(one.flip(), offset);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aFileOfOtherContentInTheRuntimeCacheIsReportedAndNeverOverwritten() throws Exception {
    String id = nodes.publish(dir("a"), image);
    Path there = Files.createDirectory(dir("cache")).resolve(id + "_" + id);
    String[] command = {"prefetch", id, "--runtime-cache", dir("cache").toString()};
    byte[] wrong = Files.readAllBytes(image);
    wrong[1_234_567] ^= 1;
    for (byte[] content : List.of(wrong, Arrays.copyOf(wrong, 1000), new byte[0])) {
      Files.write(there, content);
      Files.setLastModifiedTime(there, FileTime.from(Instant.EPOCH));
      JsonNode refused = nodes.fails(8, "wrong one", dir("a"), command).result();
      assertThat(refused.path("outcome").asString("")).isEqualTo("not-placed");
      assertThat(refused.path("placed").isNull()).isTrue();
      assertThat(there).hasBinaryContent(content);
      assertThat(Files.getLastModifiedTime(there).toInstant()).isEqualTo(Instant.EPOCH);
    }
    Files.write(there, Files.readAllBytes(image));
    JsonNode done = nodes.result(dir("a"), command);
    assertThat(done.path("placed").asString("")).isEqualTo(there.toString());
    assertThat(there).hasSameBinaryContentAs(image);
  }

  @Test
  void aDataDirectoryThatIsNoneIsRefused() throws Exception {
    Path file = Files.write(dir("file"), new byte[3]);
    nodes.failsHere(2, "folder", file, "list");
    nodes.failsHere(2, "folder", file.resolve("below"), "publish", image.toString());
    Path images = Files.write(Files.createDirectory(dir("a")).resolve("images"), new byte[3]);
    nodes.failsHere(2, "images", dir("a"), "list");
    assertThat(file).hasSize(3);
    assertThat(images).hasSize(3);
  }

  @Test
  void imagesThatNoRuntimeCouldRunAreNotPublished() throws Exception {
    byte[] good = Files.readAllBytes(image);
    assertNotPublished(new byte[0], "no squashfs");
    assertNotPublished(new byte[4096], "no squashfs");
    assertNotPublished(Arrays.copyOf(good, IMAGE_BYTES / 2), "truncated");
    assertNotPublished(Arrays.copyOf(good, IMAGE_BYTES - 5), "trailer");
    byte[] json = good.clone();
    json[IMAGE_BYTES - 12] ^= 1;
    assertNotPublished(json, "trailer");
    assertNotPublished(folder, "no file");
    assertNotPublished(dir("missing"), "no such file");
    assertThat(StoreCheck.of(dir("a")).complete()).isEmpty();
  }

  private void assertNotPublished(byte[] content, String says) throws IOException {
    assertNotPublished(Files.write(dir("damaged.gvmi"), content), says);
  }

  /** In this process: there are many of them, and what ends the program is the same. */
  private void assertNotPublished(Path damaged, String says) {
    Program.Ended ended =
        Program.here(folder, "--data-dir", dir("a").toString(), "publish", damaged.toString());
    assertThat(ended.err().lines().toList()).hasSize(1);
    assertThat(ended.err()).contains(says);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void aLostIndexIsMadeAgainFromFilesThatAreVerified() throws Exception {
    String id = nodes.publish(dir("a"), image);
    Path held = Path.of(nodes.result(dir("a"), "prefetch", id).path("path").asString(""));
    deleteTree(dir("a").resolve("index"));
    String other = "00".repeat(28);
    Path wrong = Files.createDirectories(dir("a").resolve("images/00")).resolve(other + ".gvmi");
    Files.write(wrong, new byte[1000]);

    Program.Ended listed = nodes.run(dir("a"), "list");
    assertThat(listed.code()).isZero();
    assertThat(listed.out()).contains(id).doesNotContain(other);
    assertThat(listed.err()).contains(wrong.toString());
    assertThat(wrong).doesNotExist();
    assertThat(StoreCheck.of(dir("a")).complete()).hasSize(1);

    Files.delete(held);
    Program.Ended gone = nodes.run(dir("a"), "list");
    assertThat(gone.code()).isZero();
    assertThat(gone.out()).doesNotContain(id);
  }

  /** The daemon has the file open and served it before. */
  @Test
  void anImageThatIsReplacedUnderADaemonIsNotServedAnyMore() throws Exception {
    Daemon a = nodes.daemon(dir("a"));
    String id = nodes.publish(dir("a"), image);
    String[] command = {"prefetch", id, "--peer", a.address(), "--runtime-cache", "none"};
    Path held = Path.of(nodes.result(dir("b"), command).path("path").asString(""));
    Path served = dir("a").resolve(dir("b").relativize(held));
    FileTime modified = Files.getLastModifiedTime(served);
    byte[] wrong = Files.readAllBytes(image);
    wrong[2_000_000] ^= 1;
    Files.delete(served);
    Files.write(served, wrong);
    Files.setLastModifiedTime(served, modified);

    nodes.fails(3, id, dir("c"), command);
    assertThat(StoreCheck.of(dir("c")).complete()).isEmpty();
    String cache = Files.createDirectory(dir("cache")).toString();
    Program.Ended placed = nodes.run(dir("a"), "prefetch", id, "--runtime-cache", cache);
    assertThat(placed.code()).isNotZero();
    assertThat(dir("cache")).isEmptyDirectory();

    nodes.publish(dir("a"), image);
    nodes.result(dir("c"), command);
    assertThat(StoreCheck.of(dir("c")).complete()).hasSize(1);
  }

  /** Interrupts a fetch into b when it has 8 MiB: its file. */
  private Path interruptedPart(String id, String[] command) throws Exception {
    Program fetch = nodes.start(dir("b"), command);
    fetch.await(line -> line.path("doneBytes").asLong() > 8 << 20);
    fetch.interrupt();
    assertThat(fetch.end().code()).isEqualTo(130);
    return dir("b").resolve("partial").resolve(id + ".part");
  }

  /** Bytes that nobody noted, and a file that somebody cut. */
  @Test
  void aTornPartialIsFetchedAgainWhereItIsTorn() throws Exception {
    Daemon a = nodes.daemon(dir("a"), "--upload-limit", "6MB/s");
    String id = nodes.publish(dir("a"), MadeImage.write(image, 24 << 20));
    String[] command = {"prefetch", id, "--peer", a.address(), "--runtime-cache", "none"};
    Path part = interruptedPart(id, command);
    try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
      file.truncate(4 << 20);
    }
    assertThat(StoreCheck.of(dir("b")).partial()).hasSize(1);
    Files.write(part, new byte[26 << 20], StandardOpenOption.APPEND);
    JsonNode done = nodes.result(dir("b"), command);
    assertThat(Path.of(done.path("path").asString(""))).hasSameBinaryContentAs(image);
    assertThat(StoreCheck.of(dir("b")).complete()).hasSize(1);
  }

  /** A bit that rots in the middle of what is held: no fetch ends in a wrong image. */
  @Test
  void aPartialThatRotsIsNeverTakenForTheImage() throws Exception {
    Daemon a = nodes.daemon(dir("a"), "--upload-limit", "6MB/s");
    String id = nodes.publish(dir("a"), MadeImage.write(image, 24 << 20));
    String[] command = {"prefetch", id, "--peer", a.address(), "--runtime-cache", "none"};
    Path part = interruptedPart(id, command);
    for (long offset = 1000; offset < Files.size(part); offset += 256 << 10) {
      flip(part, offset);
    }
    Program.Ended rotten = nodes.run(dir("b"), command);
    assertThat(rotten.code()).as(rotten.err()).isIn(0, 4);
    nodes.result(dir("b"), command);
    assertThat(StoreCheck.of(dir("b")).complete()).hasSize(1);
  }
}
