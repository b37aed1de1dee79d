package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.NodeProcesses.Daemon;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Disks that are full or take no writes: one line, the right exit code, and the same command
 * completes once there is space.
 */
@Timeout(180)
final class FullDiskIT {
  private static final int MIB = 1 << 20;
  private static final int IMAGE_BYTES = 12 * MIB;

  /** What the index takes before anything is in it, and a good half of the image. */
  private static final long HALF = 12L * MIB;

  private static final long ENOUGH = 100L * MIB;

  @TempDir private Path folder;
  private final List<SmallDisk> disks = new ArrayList<>();
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
    disks.forEach(SmallDisk::close);
  }

  private SmallDisk disk(String name, long sizeBytes) throws IOException {
    SmallDisk disk = SmallDisk.mount(folder.resolve(name), sizeBytes);
    disks.add(disk);
    return disk;
  }

  private Path dir(String name) {
    return folder.resolve(name);
  }

  private static ImageId id(String hex) throws Exception {
    return ImageId.parseHex(hex);
  }

  private static String[] prefetch(String id, Daemon from, String... more) {
    List<String> line = new ArrayList<>(List.of("prefetch", id, "--peer", from.address()));
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  private void assertIsTheImage(Path file) {
    assertThat(file).hasSameBinaryContentAs(image);
  }

  /**
   * An image that does not fit is refused before its fetch: so something else takes the space once
   * a few chunks are there.
   */
  private static void fillDuringTheFetch(SmallDisk disk) throws Exception {
    Path partials = disk.folder().resolve("partial");
    while (!hasBytes(partials)) {
      Thread.sleep(1);
    }
    disk.shrinkTo(4L * MIB);
  }

  private static boolean hasBytes(Path partials) throws IOException {
    if (Files.notExists(partials)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(partials)) {
      return files.anyMatch(file -> file.toFile().isFile() && file.toFile().length() > MIB);
    } catch (UncheckedIOException e) {
      return false; // a temporary file went away under the walk
    }
  }

  @Test
  void aPublishThatFillsTheDiskLeavesNothingAndSucceedsWithMoreSpace() throws Exception {
    SmallDisk disk = disk("a", HALF);
    nodes.fails(5, "free some space", disk.folder(), "publish", image.toString());
    assertThat(disk.folder().resolve("import")).isEmptyDirectory();
    assertThat(StoreCheck.of(disk.folder()).complete()).isEmpty();
    disk.resize(ENOUGH);
    String id = nodes.publish(disk.folder(), image);
    assertThat(StoreCheck.of(disk.folder()).complete()).containsExactly(id(id));
  }

  @Test
  void aFetchThatFillsTheDiskGoesOnFromThereWithMoreSpace() throws Exception {
    SmallDisk disk = disk("b", ENOUGH);
    Daemon a = nodes.daemon(dir("a"), "--upload-limit", "6MB/s");
    String id = nodes.publish(dir("a"), image);
    Program fetch = nodes.start(disk.folder(), prefetch(id, a));
    fillDuringTheFetch(disk);
    Program.Ended ended = fetch.end();
    assertThat(ended.code()).as(ended.err()).isEqualTo(5);
    JsonNode full = NodeProcesses.result(ended);
    assertThat(full.path("outcome").asString("")).isEqualTo("no-space");
    assertThat(full.path("message").asString("")).contains("No space left");
    disk.resize(ENOUGH);
    long held = StoreCheck.of(disk.folder()).heldBytes(id(id), IMAGE_BYTES);
    assertThat(held).isPositive();
    JsonNode done = nodes.result(disk.folder(), prefetch(id, a));
    assertThat(done.path("sources").path("local").asLong()).isGreaterThanOrEqualTo(held);
    assertIsTheImage(Path.of(done.path("path").asString("")));
    assertThat(StoreCheck.of(disk.folder()).complete()).containsExactly(id(id));
  }

  /** The daemon goes on: its index must take writes again. */
  @Test
  void aDaemonWhoseDiskWasFullGoesOnWhenThereIsSpace() throws Exception {
    SmallDisk disk = disk("b", ENOUGH);
    Daemon a = nodes.daemon(dir("a"), "--upload-limit", "6MB/s");
    String id = nodes.publish(dir("a"), image);
    Daemon b = nodes.daemon(disk.folder());
    Program fetch = nodes.start(disk.folder(), prefetch(id, a));
    fillDuringTheFetch(disk);
    assertThat(fetch.end().code()).isEqualTo(5);
    nodes.fails(5, "space", disk.folder(), prefetch(id, a));
    nodes.fails(5, "space", disk.folder(), "publish", image.toString());
    disk.resize(ENOUGH);
    JsonNode done = nodes.result(disk.folder(), prefetch(id, a));
    assertThat(done.path("sources").path("local").asLong()).isPositive();
    assertIsTheImage(Path.of(done.path("path").asString("")));
    assertThat(nodes.run(disk.folder(), "stop").code()).isZero();
    assertThat(b.program().end().code()).isZero();
    assertThat(StoreCheck.of(disk.folder()).complete()).containsExactly(id(id));
  }

  /** No byte for a row of the index, nor for the files that each start of it makes. */
  @Test
  void aDiskThatIsFullAtTheStartHarmsNothing() throws Exception {
    SmallDisk disk = disk("a", ENOUGH);
    String id = nodes.publish(disk.folder(), image);
    Path ballast = disk.fill();
    nodes.fails(5, "free some space", disk.folder(), "list");
    nodes.fails(5, "free some space", disk.folder(), "publish", image.toString());
    Files.delete(ballast);
    assertThat(
            nodes.result(disk.folder(), "list").path("images").path(0).path("complete").asBoolean())
        .isTrue();
    assertThat(StoreCheck.of(disk.folder()).complete()).containsExactly(id(id));
  }

  @Test
  void anEmptyDataDirectoryOnAFullDiskIsNoSpace() throws Exception {
    SmallDisk disk = disk("a", MIB);
    disk.fill();
    nodes.fails(5, "free some space", disk.folder(), "list");
    nodes.fails(5, "free some space", disk.folder(), "daemon", "--listen", "/ip4/127.0.0.1/tcp/0");
    nodes.fails(5, "free some space", disk.folder().resolve("new"), "publish", image.toString());
  }

  @Test
  void anImageThatDoesNotFitIntoTheRuntimeCacheIsHeldAndPlacedLater() throws Exception {
    SmallDisk cache = disk("cache", 8 * MIB);
    String id = nodes.publish(dir("a"), image);
    String[] command = {"prefetch", id, "--runtime-cache", cache.folder().toString()};
    JsonNode full = nodes.fails(8, "no space", dir("a"), command).result();
    assertThat(full.path("placed").isNull()).isTrue();
    assertThat(full.path("message").asString("")).contains("verified and held");
    assertThat(cache.folder()).isEmptyDirectory();
    cache.resize(ENOUGH);
    JsonNode done = nodes.result(dir("a"), command);
    assertIsTheImage(Path.of(done.path("placed").asString("")));
    assertThat(cache.folder()).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void anImageIsHeldWhereTheRuntimeCacheTakesNoWritesAndPlacedLater() throws Exception {
    SmallDisk cache = disk("cache", ENOUGH);
    String id = nodes.publish(dir("a"), image);
    String[] command = {"prefetch", id, "--runtime-cache", cache.folder().toString()};
    cache.readOnly(true);
    JsonNode refused = nodes.fails(8, "cannot write", dir("a"), command).result();
    assertThat(refused.path("placed").isNull()).isTrue();
    assertThat(StoreCheck.of(dir("a")).complete()).containsExactly(id(id));
    cache.readOnly(false);
    assertIsTheImage(Path.of(nodes.result(dir("a"), command).path("placed").asString("")));
  }

  @Test
  void aCopyThatDoesNotFitLeavesNothing() throws Exception {
    SmallDisk small = disk("small", 8 * MIB);
    String id = nodes.publish(dir("a"), image);
    String to = small.folder().resolve("copy.gvmi").toString();
    nodes.fails(
        8, "No space left", dir("a"), "prefetch", id, "--to", to, "--runtime-cache", "none");
    assertThat(small.folder()).isEmptyDirectory();
  }

  @Test
  void aDataDirectoryThatTakesNoWritesIsRefused() throws Exception {
    SmallDisk disk = disk("a", ENOUGH);
    disk.readOnly(true);
    nodes.fails(2, "can write", disk.folder(), "list");
    nodes.fails(2, "can write", disk.folder().resolve("new"), "publish", image.toString());
    disk.readOnly(false);
    nodes.result(disk.folder(), "list");
  }
}
