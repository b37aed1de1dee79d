package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.output.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RuntimeCommandsTest {
  private static final String SHIPPED = "[ {\"name\":\"vm\", \"supervisor-path\":\"exe-unit\"} ]\n";

  @TempDir private Path folder;
  private final FakeNode node = new FakeNode();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path plugins;
  private Path descriptor;

  @BeforeEach
  void plugins() throws IOException {
    plugins = Files.createDirectories(folder.resolve(".local/lib/yagna/plugins"));
    descriptor = Files.writeString(plugins.resolve("ya-runtime-vm.json"), SHIPPED);
    assertThat(Files.createFile(plugins.resolve("exe-unit")).toFile().setExecutable(true)).isTrue();
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of(
            "GVMI_P2P_HOME",
            folder.resolve("data").toString(),
            "HOME",
            folder.toString(),
            "PATH",
            "/nowhere");
    return new Main(console, environment, node).run(args);
  }

  private JsonNode descriptor(String... args) {
    assertThat(run(args)).as(err.toString(UTF_8)).isZero();
    return JsonMapper.shared().readTree(out.toString(UTF_8)).path("descriptors").path(0);
  }

  @Test
  void installStatusAndUninstallSayHowItStandsAndNeedNoDaemon() throws IOException {
    assertThat(descriptor("--json", "runtime", "status").path("state").asString(""))
        .isEqualTo("not-installed");
    JsonNode installed = descriptor("--json", "runtime", "install");
    assertThat(installed.path("state").asString("")).isEqualTo("installed");
    assertThat(installed.path("descriptor").asString("")).isEqualTo(descriptor.toString());
    assertThat(installed.path("exeUnit").asString(""))
        .isEqualTo(plugins.resolve("exe-unit").toString());
    assertThat(descriptor).content().contains("gvmi-p2p/ya-runtime-vm/exe-unit");
    assertThat(run("runtime", "status", "--plugins", plugins.toString())).isZero();
    assertThat(out.toString(UTF_8))
        .contains("hook          installed")
        .contains(descriptor.toString());
    Files.writeString(descriptor, SHIPPED);
    assertThat(run("runtime", "status")).isZero();
    assertThat(out.toString(UTF_8)).contains("overwritten");
    assertThat(err.toString(UTF_8)).contains("gvmi-p2p runtime install");
    assertThat(descriptor("--json", "runtime", "uninstall").path("state").asString(""))
        .isEqualTo("not-installed");
    assertThat(Files.readString(descriptor)).isEqualTo(SHIPPED);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void oddDescriptorIsAUsageErrorInOneLine() throws IOException {
    Files.writeString(descriptor, "{");
    assertThat(run("runtime", "install")).isEqualTo(2);
    assertThat(err.toString(UTF_8).lines().toList())
        .hasSize(1)
        .first()
        .asString()
        .contains(descriptor.toString());
    assertThat(descriptor).hasContent("{");
  }

  @Test
  void noDescriptorIsNotFoundAndSaysWhereItLooked() {
    assertThat(run("runtime", "install", "--plugins", folder.toString())).isEqualTo(3);
    assertThat(err.toString(UTF_8)).contains(folder.toString()).contains("--plugins");
    assertThat(run("runtime")).isEqualTo(2);
  }

  @Test
  void severalCachesAreNamedByOptionsOrAnArray() throws IOException {
    assertThat(
            run(
                "daemon",
                "--runtime-cache",
                "/a",
                "--runtime-cache",
                "/b",
                "--listen",
                "/ip4/127.0.0.1/tcp/0"))
        .isZero();
    assertThat(node.config.runtimeCache()).isEqualTo(Path.of("/a"));
    assertThat(node.config.moreCaches()).isEqualTo(List.of(Path.of("/b")));
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/config.toml"), "runtime-cache = ['/c', '/d']\n");
    assertThat(run("daemon", "--listen", "/ip4/127.0.0.1/tcp/0")).isZero();
    assertThat(node.config.moreCaches()).isEqualTo(List.of(Path.of("/d")));
    assertThat(run("--json", "config", "show")).isZero();
    assertThat(out.toString(UTF_8)).contains("[\"/c\",\"/d\"]");
    assertThat(run("daemon", "--runtime-cache", "/a", "--runtime-cache", "none")).isEqualTo(2);
    assertThat(run("prefetch", FakeNode.IMAGE, "--runtime-cache", "/a", "--runtime-cache", "/b"))
        .isZero();
    assertThat(node.prefetches.getFirst().runtimeCache()).isEqualTo("/a\n/b");
  }

  /** A provider that is installed after the node. */
  @Test
  void daemonTakesTheProvidersFolderBeforeItIsThere() {
    assertThat(run("daemon", "--listen", "/ip4/127.0.0.1/tcp/0")).isZero();
    assertThat(node.config.runtimeCache())
        .isEqualTo(folder.resolve(".local/share/ya-provider/exe-unit/cache"));
    assertThat(run("--json", "config", "show")).isZero();
    assertThat(out.toString(UTF_8)).contains("\"runtime-cache\":{\"value\":\"none\"");
  }
}
