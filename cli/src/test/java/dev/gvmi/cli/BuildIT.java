package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.cli.output.Console;
import dev.gvmi.node.build.Tool;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code build}, {@code inspect} and {@code try} as a user sees them. */
final class BuildIT {
  private static final String PATH = System.getenv().getOrDefault("PATH", "");

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String path = PATH;

  @BeforeEach
  void needsTheTools() throws Exception {
    assumeTrue(
        Tool.find("sqfstar", PATH).isPresent() && Tool.find("unsquashfs", PATH).isPresent(),
        "squashfs-tools 4.5 or newer is missing");
    Path work = Files.createDirectories(folder.resolve("root/golem/work"));
    Files.writeString(work.resolve("hidden"), "0123456789");
    Files.createDirectories(folder.resolve("root/etc"));
    Files.writeString(folder.resolve("root/etc/motd"), "hello\n");
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of("GVMI_P2P_HOME", folder.resolve("data").toString(), "PATH", path);
    return new Main(console, environment, new LocalNodes()).run(args);
  }

  private List<JsonNode> lines() {
    return out.toString(UTF_8).lines().map(line -> JsonMapper.shared().readTree(line)).toList();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private String root() {
    return file("root");
  }

  @Test
  void buildsInspectsAndPublishes() throws Exception {
    assertThat(
            run(
                "--json",
                "build",
                root(),
                "-o",
                file("a.gvmi"),
                "--volume",
                "/golem/work",
                "--publish",
                "--url",
                "http://127.0.0.1:1/a.gvmi"))
        .as(err.toString(UTF_8))
        .isZero();
    List<JsonNode> built = lines();
    JsonNode event =
        built.stream()
            .filter(line -> line.path("event").asString("").equals("built"))
            .findFirst()
            .orElseThrow();
    String image = event.path("image").asString();
    assertThat(event.path("hidden").path("/golem/work").path("bytes").asInt()).isEqualTo(10);
    assertThat(built)
        .extracting(line -> line.path("code").asString(""))
        .contains("hidden-content", "room");
    assertThat(built.getLast().path("taskPackage").asString())
        .isEqualTo("hash:sha3:" + image + ":http://127.0.0.1:1/a.gvmi");

    for (String target : List.of(file("a.gvmi"), image)) {
      assertThat(run("--json", "inspect", target, "--files")).as(err.toString(UTF_8)).isZero();
      JsonNode result = lines().getLast();
      assertThat(result.path("image").asString()).isEqualTo(image);
      assertThat(result.path("squashfs").path("compression").asString()).isEqualTo("lzo");
      assertThat(result.path("trailer").path("Volumes").has("/golem/work")).isTrue();
      assertThat(result.path("damage")).isEmpty();
      assertThat(lines())
          .extracting(line -> line.path("path").asString(""))
          .contains("/etc/motd", "/golem/work/hidden");
    }
    assertThat(run("inspect", image)).isZero();
    assertThat(out.toString(UTF_8))
        .contains("lzo, blocks of 128 KiB", "/golem/work", "warning", "shared");
  }

  /** The large file stays, a small one changes. */
  @Test
  void inspectTellsWhatImagesThatAreHeldHaveOfAFile() throws Exception {
    byte[] large = new byte[8 << 20];
    new Random(5).nextBytes(large);
    Files.write(folder.resolve("root/a-large-one"), large);
    build("v1.gvmi");
    assertThat(run("publish", file("v1.gvmi"))).as(err.toString(UTF_8)).isZero();
    Files.writeString(folder.resolve("root/etc/motd"), "good bye\n");
    build("v2.gvmi");
    assertThat(run("--json", "inspect", file("v2.gvmi"))).as(err.toString(UTF_8)).isZero();
    JsonNode result = lines().getLast();
    assertThat(result.path("sharedBytes").asLong())
        .isBetween(6L << 20, result.path("bytes").asLong() - 1);
  }

  private void build(String name) {
    assertThat(run("build", root(), "-o", file(name), "--volume", "/golem/work"))
        .as(err.toString(UTF_8))
        .isZero();
  }

  @Test
  void textTellsSizesAndWarnings() {
    assertThat(
            run(
                "build",
                root(),
                "-o",
                file("a.gvmi"),
                "--volume",
                "/golem/work",
                "--compression",
                "gzip",
                "--level",
                "1"))
        .isZero();
    assertThat(out.toString(UTF_8)).contains("image", "manifest", "2 files", "volumes");
    assertThat(err.toString(UTF_8))
        .contains("warning: the volume /golem/work starts as an empty folder", "1 entry, 10 bytes");
  }

  private void assertUsage(String why, String... args) {
    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString(UTF_8).lines().toList().getLast()).contains(why);
    assertThat(folder.resolve("a.gvmi")).doesNotExist();
  }

  @Test
  void whatIsNotMeantIsAUsageError() {
    String a = file("a.gvmi");
    assertUsage("no VOLUME", "build", root(), "-o", a);
    assertUsage(
        "cannot read it", "build", root(), "-o", a, "--compression", "zstd", "--volume", "/w");
    assertUsage(
        "has none",
        "build",
        root(),
        "-o",
        a,
        "--compression",
        "xz",
        "--level",
        "3",
        "--volume",
        "/w");
    assertUsage("--level is 1 to 9", "build", root(), "-o", a, "--level", "10", "--volume", "/w");
    assertUsage("no absolute path", "build", root(), "-o", a, "--volume", "w");
    assertUsage("is not NAME=VALUE", "build", root(), "-o", a, "--volume", "/w", "--env", "A");
    assertUsage("--publish", "build", root(), "-o", a, "--volume", "/w", "--seed");
    assertUsage("os/architecture", "build", root(), "-o", a, "--platform", "linux");
    assertUsage("no JSON array", "build", root(), "-o", a, "--volume", "/w", "--entrypoint", "[1]");
    assertUsage("there is no", "build", file("none"), "-o", a, "--volume", "/w");
    path = "";
    assertUsage("install squashfs-tools", "build", root(), "-o", a, "--volume", "/w");
  }

  @Test
  void noVolumeCanBeMeant() {
    assertThat(run("--json", "build", root(), "-o", file("a.gvmi"), "--allow-no-volume")).isZero();
    assertThat(lines().getLast().path("event").asString()).isEqualTo("result");
    assertThat(lines().getLast().path("findings"))
        .anyMatch(f -> f.path("code").asString("").equals("no-volume"));
  }

  @Test
  void damageIsNamed() throws Exception {
    assertThat(run("build", root(), "-o", file("a.gvmi"), "--volume", "/w")).isZero();
    byte[] good = Files.readAllBytes(folder.resolve("a.gvmi"));
    assertDamage(good, 0, "no squashfs");
    assertDamage(good, 12, "superblock is damaged");
    assertDamage(good, good.length - 20, "CRC-32 does not match");
    assertDamage(good, good.length - 1, "trailer");
    assertDamage(good, 100, "cannot be listed");
  }

  private void assertDamage(byte[] good, int at, String why) throws Exception {
    Path bad = Files.write(folder.resolve("bad.gvmi"), good);
    try (RandomAccessFile file = new RandomAccessFile(bad.toFile(), "rw")) {
      // all of the inode and directory tables, or one byte
      for (int i = at; i < (at == 100 ? good.length - 600 : at + 1); i++) {
        file.seek(i);
        file.write(good[i] ^ 0x55);
      }
    }
    assertThat(run("--json", "inspect", bad.toString())).isZero();
    assertThat(lines().getLast().path("damage").toString()).contains(why);
  }

  @Test
  void filesNeedTheTool() throws Exception {
    assertThat(run("build", root(), "-o", file("a.gvmi"), "--volume", "/w")).isZero();
    path = "";
    assertThat(run("inspect", file("a.gvmi"), "--files")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("install squashfs-tools");
    assertThat(run("--json", "inspect", file("a.gvmi"))).isZero();
    assertThat(lines().getLast().path("findings").toString()).contains("no-unsquashfs");
  }

  @Test
  void tryChecksBeforeItBoots() {
    assertThat(run("build", root(), "-o", file("a.gvmi"), "--volume", "/w")).isZero();
    assertThat(run("try", file("a.gvmi"))).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("names no command");
    assertThat(run("try", file("a.gvmi"), "--overlay", "5")).isEqualTo(2);
    assertThat(run("try", root() + "/etc/motd", "--", "sh")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("no squashfs");
    path = "";
    assertThat(run("try", file("a.gvmi"), "--", "sh", "-c", "exit 3")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("install qemu-system-x86");
  }
}
