package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Verification, repair and removal as users run them: in process, and by a daemon. */
final class UpkeepIT {
  @TempDir Path folder;
  private final List<Program> running = new ArrayList<>();

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Program::close);
  }

  private String dir(String name) {
    return folder.resolve(name).toString();
  }

  private Program.Ended run(String name, String... args) throws Exception {
    List<String> all = new ArrayList<>(List.of("--json", "--data-dir", dir(name)));
    all.addAll(List.of(args));
    return Program.run(folder, all.toArray(String[]::new));
  }

  /** Its address. */
  private String start(String name, String... args) throws Exception {
    List<String> all = new ArrayList<>(List.of("--json", "--data-dir", dir(name)));
    all.addAll(List.of(args));
    Program program = Program.start(folder, all.toArray(String[]::new));
    running.add(program);
    return program.await(Program.event("ready")).path("addresses").path(0).asString("");
  }

  private Path held(String name, String id) {
    return folder.resolve(name).resolve("images").resolve(id.substring(0, 2)).resolve(id + ".gvmi");
  }

  private static void flip(Path file, long offset) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1));
      channel.write(one.flip(), offset);
    }
  }

  @Test
  void aDamagedImageIsRepairedInProcessAndByTheDaemonWithTheSameResult() throws Exception {
    Path image = SampleImage.small(folder);
    Path config =
        Files.writeString(
            folder.resolve("c.toml"),
            "listen = ['/ip4/127.0.0.1/tcp/0']\nruntime-cache = '"
                + Files.createDirectory(folder.resolve("cache"))
                + "'\n");
    String seed = start("a", "--config", config.toString(), "publish", "--seed", image.toString());
    String id = run("a", "list").result().path("images").path(0).path("image").asString("");
    Program.Ended fetched = run("b", "--config", config.toString(), "prefetch", id, "--peer", seed);
    assertThat(fetched.code()).as(fetched.err()).isZero();
    Path placed = Path.of(fetched.result().path("placed").asString(""));
    assumeThat(Files.isSameFile(placed, held("b", id))).as("placed by hard link").isTrue();

    flip(held("b", id), 1000);
    JsonNode inProcess = verify(config, seed, id);
    assertThat(placed).hasSameBinaryContentAs(image);

    start("b", "--config", config.toString(), "daemon");
    flip(held("b", id), 2000);
    assertThat(verify(config, seed, id)).isEqualTo(inProcess);
    assertThat(placed).hasSameBinaryContentAs(image);

    JsonNode peers = run("b", "peers").result().path("peers");
    assertThat(seed).endsWith(peers.path(0).path("peerId").asString("none"));
    Program.Ended removed = run("b", "remove", id);
    assertThat(removed.code()).as(removed.err()).isZero();
    assertThat(removed.result().path("freedBytes").asLong()).isGreaterThan(Files.size(image));
    assertThat(placed).doesNotExist();
    assertThat(run("b", "remove", id).code()).isEqualTo(3);
  }

  /** The event of the image, without what differs from run to run. */
  private JsonNode verify(Path config, String seed, String id) throws Exception {
    Program.Ended verified = run("b", "--config", config.toString(), "verify", "--peer", seed);
    assertThat(verified.code()).as(verified.err()).isZero();
    assertThat(verified.result().path("repaired").asInt()).isEqualTo(1);
    JsonNode event =
        verified
            .out()
            .lines()
            .map(line -> JsonMapper.shared().readTree(line))
            .filter(Program.event("image"))
            .findFirst()
            .orElseThrow();
    assertThat(event.path("image").asString("")).isEqualTo(id);
    assertThat(event.path("replaced")).hasSize(1);
    ((ObjectNode) event).remove("elapsedMs");
    return event;
  }

  @Test
  void whereNobodyHasItTheExitCodeIs4AndTheReasonOneLine() throws Exception {
    Path image = SampleImage.small(folder);
    String id = run("b", "publish", image.toString()).result().path("image").asString("");
    flip(held("b", id), 1000);

    Program.Ended verified =
        Program.run(folder, "--data-dir", dir("b"), "verify", "--all", "--runtime-cache", "none");

    assertThat(verified.code()).as(verified.err()).isEqualTo(4);
    assertThat(verified.err().lines().toList())
        .hasSizeBetween(1, 2)
        .last()
        .asString()
        .contains("image " + id + " is damaged, 1 of ")
        .contains("no peer was asked")
        .contains("--peer MULTIADDR");
    assertThat(run("b", "list").result().path("images").path(0).path("complete").asBoolean())
        .isFalse();
    assertThat(run("b", "peers").code()).isEqualTo(7);
  }
}
