package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The program as its users run it: processes, sockets, real images. */
final class NodesIT {
  private static final String UNKNOWN = "00".repeat(28);
  private static final int MIB = 1 << 20;

  /**
   * What came within the second of a batch, at the rate of the test, and as much again for a
   * machine that is slow to sync it.
   */
  private static final long LOST_BYTES = 16L * MIB;

  @TempDir Path folder;
  private final List<Program> running = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (Program program : running.reversed()) {
      program.close();
    }
  }

  private Program start(String... args) throws Exception {
    Program program = Program.start(folder, args);
    running.add(program);
    return program;
  }

  private Program.Ended run(String... args) throws Exception {
    return Program.run(folder, args);
  }

  private String dir(String name) {
    return folder.resolve(name).toString();
  }

  private record Daemon(Program program, String address) {}

  private Daemon daemon(String name, String... more) throws Exception {
    String[] command = {
      "--json",
      "--data-dir",
      dir(name),
      "daemon",
      "--listen",
      "/ip4/127.0.0.1/tcp/0",
      "--runtime-cache",
      "none"
    };
    Program program =
        start(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new));
    JsonNode ready = program.await(Program.event("ready"));
    return new Daemon(program, ready.path("addresses").path(0).asString(""));
  }

  /** {@code prefetch} with JSON lines, on the node of that name. */
  private String[] prefetch(String name, String image, String... more) {
    List<String> all =
        new ArrayList<>(List.of("--json", "--data-dir", dir(name), "prefetch", image));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private String publish(String name, Path image) throws Exception {
    Program.Ended published = run("--json", "--data-dir", dir(name), "publish", image.toString());
    assertThat(published.code()).as(published.err()).isZero();
    return published.result().path("image").asString("");
  }

  @Test
  void publishesOnOneNodeAndPrefetchesOnAnother() throws Exception {
    Path image = SampleImage.squashed(folder, 6 * MIB);
    Daemon a = daemon("a");
    String id = publish("a", image);
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Path copy = folder.resolve("copy.gvmi");
    String url = "https://example.net/images/some%20image.gvmi?x=1";

    Program.Ended fetched =
        run(
            prefetch(
                "b",
                "hash:sha3:" + id + ":" + url,
                "--peer",
                a.address,
                "--to",
                copy.toString(),
                "--runtime-cache",
                cache.toString()));

    assertThat(fetched.code()).as(fetched.err()).isZero();
    JsonNode result = fetched.result();
    assertThat(result.path("outcome").asString("")).isEqualTo("complete");
    assertThat(result.path("sources").path(a.address.replaceAll(".*/p2p/", "")).asLong())
        .isEqualTo(Files.size(image));
    Path placed = cache.resolve("some image_" + id + ".gvmi");
    assertThat(result.path("placed").asString("")).isEqualTo(placed.toString());
    assertThat(Files.mismatch(image, placed)).isEqualTo(-1);
    assertThat(Files.mismatch(image, copy)).isEqualTo(-1);

    Program.Ended again = run(prefetch("b", id));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.result().path("sources").path("local").asLong()).isEqualTo(Files.size(image));
    assertThat(run("--data-dir", dir("b"), "list").out()).contains(id).contains("complete");
    assertThat(run("--data-dir", dir("b"), "inspect", id).out()).contains("gzip");
  }

  @Test
  void theDaemonDoesWhatTheCommandsAsk() throws Exception {
    Path image = SampleImage.small(folder);
    Daemon a = daemon("a");
    Daemon b = daemon("b");
    String id = publish("a", image);
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Program.Ended fetched =
        run(prefetch("b", id, "--peer", a.address, "--runtime-cache", cache.toString()));
    assertThat(fetched.code()).as(fetched.err()).isZero();
    assertThat(cache.resolve(id + "_" + id)).hasSameBinaryContentAs(image);

    JsonNode status = run("--json", "--data-dir", dir("b"), "status").result();
    assertThat(status.path("images").asInt()).isEqualTo(1);
    assertThat(status.path("receivedBytes").asLong()).isEqualTo(Files.size(image));
    assertThat(run("--data-dir", dir("b"), "id").out()).contains(b.address);

    assertThat(run("--data-dir", dir("b"), "stop").code()).isZero();
    assertThat(b.program.end().code()).isZero();
    assertThat(folder.resolve("b").resolve("control.json")).doesNotExist();
    assertThat(run("--data-dir", dir("b"), "stop").code()).isEqualTo(7);
    assertThat(run("--data-dir", dir("b"), "list").out()).contains(id);
  }

  @Test
  void aFetchThatIsKilledGoesOnFromWhatWasSynced() throws Exception {
    Path image = SampleImage.squashed(folder, 32 * MIB);
    Daemon a = daemon("a", "--upload-limit", "8MB/s");
    String id = publish("a", image);
    Program fetch = start(prefetch("b", id, "--peer", a.address));
    long done =
        fetch
            .await(line ->
                line.path("phase").asString("").equals("fetching")
                    && line.path("doneBytes").asLong() > 24L * MIB)
            .path("doneBytes")
            .asLong();
    fetch.kill();

    Program.Ended again = run(prefetch("b", id, "--peer", a.address));
    assertThat(again.code()).as(again.err()).isZero();
    long kept = again.result().path("sources").path("local").asLong();
    assertThat(kept).isGreaterThanOrEqualTo(done - LOST_BYTES);
    Path held = Path.of(again.result().path("path").asString(""));
    assertThat(Files.mismatch(image, held)).isEqualTo(-1);
  }

  @Test
  void ctrlCEndsAFetchAndKeepsWhatCame() throws Exception {
    Path image = SampleImage.squashed(folder, 24 * MIB);
    Daemon a = daemon("a", "--upload-limit", "6MB/s");
    String id = publish("a", image);
    Program fetch = start(prefetch("b", id, "--peer", a.address));
    fetch.await(line -> line.path("doneBytes").asLong() > 8L * MIB);
    fetch.interrupt();
    assertThat(fetch.end().code()).isEqualTo(130);

    Program.Ended again = run(prefetch("b", id, "--peer", a.address));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.result().path("sources").path("local").asLong()).isGreaterThan(8L * MIB - 1);
  }

  @Test
  void badInputHasOneLineAndItsExitCode() throws Exception {
    Daemon a = daemon("a");
    Path noSquashfs = Files.write(folder.resolve("text.gvmi"), new byte[4096]);
    assertFailsHere(2, "no squashfs", "--data-dir", dir("c"), "publish", noSquashfs.toString());
    Path cut = SampleImage.small(folder);
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 100_000));
    assertFailsHere(2, "truncated", "--data-dir", dir("a"), "publish", cut.toString());
    assertFails(
        3, "does not hold it", "--data-dir", dir("c"), "prefetch", UNKNOWN, "--peer", a.address);
    assertFails(
        3, "name one with --peer", "--data-dir", dir("d"), "prefetch", UNKNOWN, "--no-mdns");
    assertFails(
        3,
        "cannot connect",
        "--data-dir",
        dir("e"),
        "prefetch",
        UNKNOWN,
        "--no-mdns",
        "--peer",
        gone(a.address));
    assertFailsHere(3, "not held", "--data-dir", dir("c"), "inspect", UNKNOWN);
    assertFailsHere(2, "56", "--data-dir", dir("c"), "prefetch", "abcd");
    assertFailsHere(2, "task package", "--data-dir", dir("c"), "prefetch", "hash:sha3:xyz");
    assertFailsHere(
        2, "multiaddr", "--data-dir", dir("c"), "prefetch", UNKNOWN, "--peer", "here:1");
    assertFailsHere(7, "stop", "--data-dir", dir("c"), "stop");
    assertThat(folder.resolve("c").resolve("partial")).isEmptyDirectory();
    assertThat(run("--data-dir", dir("a"), "list").out()).isEmpty();
  }

  /** The same peer at a port where nobody listens. */
  private static String gone(String address) throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return address.replaceAll("/tcp/[0-9]+/", "/tcp/" + socket.getLocalPort() + "/");
    }
  }

  private void assertFails(int code, String says, String... args) throws Exception {
    assertFailed(run(args), code, says, args);
  }

  /** In this process: there are many of them, and what ends the program is the same. */
  private void assertFailsHere(int code, String says, String... args) {
    assertFailed(Program.here(folder, args), code, says, args);
  }

  private static void assertFailed(Program.Ended ended, int code, String says, String... args) {
    assertThat(ended.err().lines().toList()).as(String.join(" ", args)).hasSize(1);
    assertThat(ended.err()).containsIgnoringCase(says);
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void aSecondDaemonAndAPortInUseAreRefused() throws Exception {
    Daemon a = daemon("a");
    assertFails(2, "in use", "--data-dir", dir("a"), "daemon", "--listen", "/ip4/127.0.0.1/tcp/0");
    String port = a.address.replaceAll(".*/tcp/([0-9]+)/.*", "$1");
    assertFails(
        2, "in use", "--data-dir", dir("b"), "daemon", "--listen", "/ip4/127.0.0.1/tcp/" + port);
    String http =
        run("--json", "--data-dir", dir("a"), "status").result().path("http").asString("");
    assertThat(http).startsWith("127.0.0.1:");
    assertFails(
        2,
        "cannot listen for HTTP at " + http,
        "--data-dir",
        dir("b"),
        "daemon",
        "--listen",
        "/ip4/127.0.0.1/tcp/0",
        "--http",
        http);
  }

  @Test
  void anImageThatCannotBePlacedIsHeld() throws Exception {
    Path image = SampleImage.small(folder);
    Daemon a = daemon("a");
    String id = publish("a", image);
    Program.Ended fetched =
        run(prefetch("b", id, "--peer", a.address, "--runtime-cache", dir("missing")));
    assertThat(fetched.code()).isEqualTo(8);
    assertThat(fetched.result().path("placed").isNull()).isTrue();
    assertThat(run("--data-dir", dir("b"), "list").out()).contains(id);
  }

  @Test
  void aFetchThatTakesTooLongTimesOut() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String peer = "12D3KooWQVVr3Y43RWW3AGv615YnXywe8BEbLMwJeaRbHMNoJHXG";
      Program.Ended ended =
          run(
              "--data-dir",
              dir("b"),
              "prefetch",
              UNKNOWN,
              "--timeout",
              "1s",
              "--peer",
              "/ip4/127.0.0.1/tcp/" + silent.getLocalPort() + "/p2p/" + peer);
      assertThat(ended.code()).as(ended.err()).isEqualTo(6);
    }
  }
}
