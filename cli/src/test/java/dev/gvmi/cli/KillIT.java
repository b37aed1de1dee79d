package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.NodeProcesses.Daemon;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} in the middle of publishing, fetching, placing and evicting, twenty times, at
 * moments that a seed decides ({@code -Dkill.seed=N} repeats those of a run). After each, index and
 * files agree, nothing is lost that was on disk before, and the next run goes on; the last one
 * completes.
 */
@Timeout(300)
final class KillIT {
  private static final int IMAGE_BYTES = 12 << 20;
  private static final int PUBLISH_ROUNDS = 4;
  private static final int FETCH_ROUNDS = 6;
  private static final int COPY_ROUNDS = 4;
  private static final int PLACE_ROUNDS = 4;
  private static final int EVICT_ROUNDS = 2;
  private static final int SMALL_IMAGES = 12;
  private static final int SMALL_BYTES = 750_000;

  /** A file system of its own makes placing a copy. */
  private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

  @TempDir private Path folder;
  private NodeProcesses nodes;
  private Path image;
  private Random random;
  private String moment = "";
  private @Nullable Path elsewhere;

  @BeforeEach
  void make() throws IOException {
    nodes = new NodeProcesses(folder);
    image = MadeImage.write(folder.resolve("image.gvmi"), IMAGE_BYTES);
    long seed = Long.getLong("kill.seed", System.nanoTime());
    random = new Random(seed);
    moment = "-Dkill.seed=" + seed;
    System.err.println("KillIT: " + moment);
  }

  @AfterEach
  void close() throws IOException {
    nodes.close();
    if (elsewhere != null) {
      for (Path file : list(elsewhere)) {
        Files.delete(file);
      }
      Files.delete(elsewhere);
    }
  }

  private Path dir(String name) {
    return folder.resolve(name);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /**
   * Starts a command and kills it so long after it told of a phase (or of one of several: a regular
   * expression), if it has not ended by then.
   */
  private void kill(int round, String phase, int maxMillis, Path dataDir, String... command)
      throws Exception {
    int millis = random.nextInt(maxMillis + 1);
    Program program = nodes.start(dataDir, command);
    program.await(line -> line.path("phase").asString("").matches(phase));
    assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
    program.kill();
    moment =
        moment.replaceAll(";.*", "") + "; " + phase + " " + round + ", after " + millis + " ms";
  }

  private StoreCheck check(Path dataDir) throws IOException {
    try {
      return StoreCheck.of(dataDir);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(moment, e);
    }
  }

  private static void forget(Path dataDir, ImageId id) {
    try (ImageStore store = RocksImageStore.open(dataDir, InstantSource.system())) {
      assertThat(store.remove(id)).isTrue();
    }
  }

  @Test
  void aPublishThatIsKilledLeavesAllOfTheImageOrNothing() throws Exception {
    Path data = dir("a");
    for (int round = 0; round < PUBLISH_ROUNDS; round++) {
      kill(round, "importing", 200, data, "publish", image.toString());
      StoreCheck check = check(data);
      assertThat(check.partial()).isEmpty();
      for (ImageId id : check.complete()) {
        forget(data, id);
      }
    }
    String id = nodes.publish(data, image);
    assertThat(check(data).complete()).containsExactly(ImageId.parseHex(id));
  }

  @Test
  void aFetchThatIsKilledGoesOnWithTrueChunks() throws Exception {
    Daemon a = nodes.daemon(dir("a"));
    ImageId id = ImageId.parseHex(nodes.publish(dir("a"), image));
    Path data = dir("b");
    String[] command = {"prefetch", id.hex(), "--peer", a.address(), "--runtime-cache", "none"};
    long held = 0;
    for (int round = 0; round < FETCH_ROUNDS; round++) {
      // the little that is left may come at once
      kill(round, "fetching|verifying|placing", 250, data, command);
      StoreCheck check = check(data);
      if (check.complete().isEmpty()) {
        assertThat(check.heldBytes(id, IMAGE_BYTES)).as(moment).isGreaterThanOrEqualTo(held);
        held = check.heldBytes(id, IMAGE_BYTES);
      } else {
        forget(data, id);
        held = 0;
      }
    }
    long kept = nodes.result(data, command).path("sources").path("local").asLong();
    assertThat(kept).as(moment).isGreaterThanOrEqualTo(held);
    assertThat(check(data).complete()).containsExactly(id);
    assertIsServed(data, id);
  }

  /** Also what is killed while the delta index of the image is made, as soon as it is complete. */
  @Test
  void aCopyFromAnotherImageThatIsKilledGoesOnWithTrueChunks() throws Exception {
    byte[] changed = MadeImage.bytes(IMAGE_BYTES);
    changed[IMAGE_BYTES / 2] ^= 1;
    Path next = Files.write(dir("next.gvmi"), changed);
    Path data = dir("b");
    nodes.publish(data, image);
    ImageId id = ImageId.parseHex(nodes.publish(dir("a"), next));
    Daemon a = nodes.daemon(dir("a"));
    String[] command = {"prefetch", id.hex(), "--peer", a.address(), "--runtime-cache", "none"};
    for (int round = 0; round < COPY_ROUNDS; round++) {
      kill(round, "fetching|verifying", 250, data, command);
      if (check(data).complete().contains(id)) {
        forget(data, id);
      }
    }
    JsonNode result = nodes.result(data, command);
    long fetched = result.path("bytes").asLong() - result.path("sources").path("local").asLong();
    assertThat(fetched).as(moment).isLessThanOrEqualTo(IMAGE_BYTES / 8);
    assertThat(check(data).complete()).as(moment).hasSize(2).contains(id);
  }

  private void assertIsServed(Path dataDir, ImageId id) throws Exception {
    Daemon b = nodes.daemon(dataDir);
    String[] command = {"prefetch", id.hex(), "--peer", b.address(), "--runtime-cache", "none"};
    assertThat(Path.of(nodes.result(dir("c"), command).path("path").asString("")))
        .hasSameBinaryContentAs(image);
  }

  /** By a link and by a copy in turn. */
  @Test
  void aPlacingThatIsKilledLeavesTheWholeFileOrNone() throws Exception {
    Path data = dir("a");
    String id = nodes.publish(data, image);
    List<Path> caches = List.of(Files.createDirectory(dir("cache")), cacheElsewhere());
    for (int round = 0; round < PLACE_ROUNDS; round++) {
      Path cache = caches.get(round % 2);
      kill(round, "placing", 60, data, prefetch(id, cache));
      assertThat(check(data).complete()).as(moment).hasSize(1);
      Path placed = cache.resolve(id + "_" + id);
      if (Files.exists(placed)) {
        assertThat(placed).as(moment).hasSameBinaryContentAs(image);
        Files.delete(placed);
      }
      assertThat(list(cache)).as(moment).noneMatch(file -> file.toString().contains(id));
    }
    for (Path cache : caches) {
      String placed = nodes.result(data, prefetch(id, cache)).path("placed").asString("");
      assertThat(Path.of(placed)).hasSameBinaryContentAs(image);
    }
    assertThat(check(data).complete()).hasSize(1);
  }

  /** Many small images make room for a large one, which takes a moment. */
  @Test
  void anEvictionThatIsKilledLeavesEachImageWholeOrGone() throws Exception {
    Path data = dir("a");
    Files.createDirectories(data);
    Files.writeString(data.resolve("config.toml"), "quota = '16MB'\n");
    for (int round = 0; round < EVICT_ROUNDS; round++) {
      hold(data, round);
      int stop = random.nextInt(SMALL_IMAGES);
      Program program = nodes.start(data, "publish", image.toString());
      while (count(data.resolve("images")) > stop && program.isAlive()) {
        assertThat(new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS)).isFalse();
      }
      program.kill();
      moment = moment.replaceAll(";.*", "") + "; eviction " + round + ", at " + stop + " images";
      for (ImageId id : check(data).complete()) {
        forget(data, id);
      }
    }
    hold(data, EVICT_ROUNDS);
    ImageId id = ImageId.parseHex(nodes.publish(data, image));
    assertThat(check(data).complete()).contains(id);
    JsonNode status = nodes.result(data, "status");
    assertThat(status.path("quotaBytes").asLong()).isEqualTo(16_000_000);
    assertThat(status.path("usedBytes").asLong()).isBetween((long) IMAGE_BYTES, 16_000_000L);
  }

  private static void hold(Path data, int round) throws IOException {
    try (ImageStore store = RocksImageStore.open(data, InstantSource.system())) {
      for (int i = 0; i < SMALL_IMAGES; i++) {
        byte[] bytes = MadeImage.bytes(SMALL_BYTES + SMALL_IMAGES * round + i);
        ManifestBuilder builder =
            new ManifestBuilder(DigestAlgorithm.SHA3_224, bytes.length, new ScalarSegmentHasher());
        builder.update(ByteBuffer.wrap(bytes));
        store.adopt(Files.write(store.newImportFile(), bytes), ImageVerifier.imported(builder));
      }
    }
  }

  private static long count(Path images) throws IOException {
    try (Stream<Path> files = Files.walk(images)) {
      return files.filter(file -> file.toString().endsWith(".gvmi")).count();
    } catch (UncheckedIOException e) {
      return Long.MAX_VALUE; // A file went while it was looked at.
    }
  }

  private static String[] prefetch(String id, Path cache) {
    return new String[] {"prefetch", id, "--runtime-cache", cache.toString()};
  }

  private Path cacheElsewhere() throws IOException {
    boolean there = Files.isDirectory(OTHER_FILE_SYSTEM) && Files.isWritable(OTHER_FILE_SYSTEM);
    Path made =
        there
            ? Files.createTempDirectory(OTHER_FILE_SYSTEM, "gvmi-p2p-test-")
            : Files.createTempDirectory("gvmi-p2p-test-");
    elsewhere = made;
    return made;
  }
}
