package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.delta.DeltaMaker;
import dev.gvmi.node.delta.HeldSpans;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.store.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two builds of an image by mksquashfs, of which two files of the application differ, one of them
 * in length. Small, so that the chunks around what changed are a large part; {@code bench/delta.sh}
 * has the figures of a large one.
 */
@Timeout(180)
final class SquashfsDeltaIT {
  private static final int FILES = 80;
  private static final int FILE_BYTES = 100_000;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path folder;
  private TestSwarm swarm;

  @BeforeEach
  void begin() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void end() throws Exception {
    swarm.end();
  }

  private static boolean isThere(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(bin -> Files.isExecutable(Path.of(bin, tool)));
  }

  /** Half words, half noise: a block of it shrinks to some two thirds. */
  private static byte[] content(long seed, int length) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    byte[] words =
        "the quick brown fox jumps over the lazy dog, again and "
            .getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < length; ) {
      int count = Math.min(length - at, 8 + random.nextInt(32));
      if (random.nextBoolean()) {
        System.arraycopy(words, 0, bytes, at, count);
      } else {
        byte[] noise = new byte[count];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, count);
      }
      at += count;
    }
    return bytes;
  }

  private static void write(Path file, byte[] bytes, Instant time) throws Exception {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, FileTime.from(time));
  }

  private TestImage build(String name, Path root, String compression) throws Exception {
    Path image = folder.resolve(name + "." + compression);
    Process tool =
        new ProcessBuilder(
                "mksquashfs",
                root.toString(),
                image.toString(),
                "-noappend",
                "-no-progress",
                "-comp",
                compression)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    assertThat(tool.waitFor()).as(Files.readString(folder.resolve(name + ".log"))).isZero();
    return TestImage.of(Files.readAllBytes(image));
  }

  private Path root() throws Exception {
    Path root = folder.resolve("root");
    Instant built = Instant.ofEpochSecond(1_700_000_000);
    for (int i = 0; i < FILES; i++) {
      Path file = root.resolve("usr/lib/part" + i % 7 + "/file" + i);
      write(file, content(i, FILE_BYTES + 997 * (i % 40)), built);
    }
    write(root.resolve("app/main"), content(1000, 30_000), built);
    write(root.resolve("app/data"), content(1001, 20_000), built);
    return root;
  }

  private static void change(Path root) throws Exception {
    Instant later = Instant.ofEpochSecond(1_700_100_000);
    write(root.resolve("app/main"), content(2000, 30_000), later);
    write(root.resolve("app/data"), content(2001, 21_111), later);
  }

  private static Fetcher holding(Fetcher fetcher, TestImage... images) throws Exception {
    try (DeltaMaker maker = new DeltaMaker(fetcher.store())) {
      for (TestImage image : images) {
        image.into(fetcher.store());
      }
      maker.finish(LONG);
    }
    return fetcher;
  }

  private static Multiaddr address(Fetcher fetcher) {
    return fetcher.host().listenAddresses().getFirst().withP2p(fetcher.host().id().multihash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lzo", "gzip", "xz"})
  void theNextVersionIsMostlyHereAlready(String compression) throws Exception {
    boolean there = isThere("mksquashfs");
    if (!there) {
      System.err.println("a test of SquashfsDeltaIT is skipped: mksquashfs is missing");
    }
    assumeTrue(there, "mksquashfs is missing: install squashfs-tools");
    Path root = root();
    TestImage v1 = build("v1", root, compression);
    change(root);
    TestImage v2 = build("v2", root, compression);
    assertThat(v2.id()).isNotEqualTo(v1.id());

    Fetcher seeder = holding(swarm.fetcher(), v1, v2);
    Fetcher node = holding(swarm.fetcher(), v1);
    long shared = new HeldSpans(node.store().deltas()).sharedBytes(v2.delta());
    FetchOutcome outcome =
        node.prefetcher().prefetch(v2.id(), List.of(address(seeder)), node.notes());

    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    FetchOutcome.Complete done = (FetchOutcome.Complete) outcome;
    assertThat(Files.readAllBytes(done.image().file())).isEqualTo(v2.bytes());
    long size = v2.bytes().length;
    long fetched = done.sourceBytes().values().stream().mapToLong(Long::longValue).sum();
    System.err.println(
        "SquashfsDeltaIT, "
            + compression
            + ": "
            + size
            + " bytes, "
            + (size - shared)
            + " not shared, "
            + fetched
            + " fetched");
    // the superblock, the fragments and the inodes differ, too: some chunks, however small the
    // change
    assertThat(size - shared).isLessThan(size / 8);
    assertThat(fetched).isPositive().isLessThan(size / 4);
  }
}
