package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.output.Console;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.ConfigFile;
import dev.gvmi.node.config.ConfigKey;
import dev.gvmi.node.registry.RegistryConfig;
import dev.gvmi.node.warmup.WarmUpConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The configuration file as commands see it. */
class ConfigCommandTest {
  private static final String PEER =
      "/ip4/192.0.2.1/tcp/7437/p2p/12D3KooWQVVr3Y43RWW3AGv615YnXywe8BEbLMwJeaRbHMNoJHXG";

  @TempDir Path folder;

  private final FakeNode node = new FakeNode();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of(
            "GVMI_P2P_HOME", folder.resolve("data").toString(),
            "XDG_CONFIG_HOME", folder.resolve("xdg").toString(),
            "HOME", folder.toString());
    return new Main(console, environment, node).run(args);
  }

  private Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  private Path ofData(String text) throws IOException {
    return write(folder.resolve("data/config.toml"), text);
  }

  private static List<String> keys() {
    return Arrays.stream(ConfigKey.values()).map(ConfigKey::path).toList();
  }

  private JsonNode shown(String... more) {
    String[] all = new String[3 + more.length];
    all[0] = "--json";
    all[1] = "config";
    all[2] = "show";
    System.arraycopy(more, 0, all, 3, more.length);
    assertThat(run(all)).as(err.toString(UTF_8)).isZero();
    return JsonMapper.shared().readTree(out.toString(UTF_8)).path("settings");
  }

  @Test
  void documentParserAndShowHaveTheSameKeys() throws IOException {
    Path document = Path.of("..", "docs", "configuration.md");
    List<String> documented =
        Pattern.compile("(?m)^\\| `([^`]+)` \\|")
            .matcher(Files.readString(document))
            .results()
            .map(row -> row.group(1))
            .toList();

    assertThat(documented).isEqualTo(keys());
    assertThat(shown().propertyNames()).containsExactlyElementsOf(keys());
  }

  @Test
  void withoutAFileAllIsAsByDefault() {
    assertThat(run("config", "show")).isZero();
    assertThat(out.toString(UTF_8).lines().skip(1))
        .hasSize(keys().size())
        .allMatch(line -> line.endsWith("  # default"));
    assertThat(run("config", "check")).isZero();
    assertThat(out.toString(UTF_8)).contains("no configuration file");
  }

  @Test
  void theFileOfTheDataDirectoryComesBeforeTheUsers() throws IOException {
    write(folder.resolve("xdg/gvmi-p2p/config.toml"), "runtime-cache = '/user'\n");
    assertThat(shown().path("runtime-cache").path("value").asString("")).isEqualTo("/user");
    Path file = ofData("\nruntime-cache = '/data'\n");
    JsonNode cache = shown().path("runtime-cache");
    assertThat(cache.path("value").asString("")).isEqualTo("/data");
    assertThat(cache.path("source").asString("")).isEqualTo(file + ":2");
    assertThat(shown("--config", "none").path("runtime-cache").path("source").asString(""))
        .isEqualTo("default");
    Path named = write(folder.resolve("named.toml"), "runtime-cache = '/named'\n");
    assertThat(shown("--config", named.toString()).path("runtime-cache").path("value").asString(""))
        .isEqualTo("/named");
  }

  @Test
  void whatIsShownReadsBackAsTheSame() throws Exception {
    ofData(
        "listen = ['/ip4/127.0.0.1/tcp/0']\npeers = ['"
            + PEER
            + "']\n[prefetch]\ntimeout = '90s'\n"
            + "[registry]\npush-token-file = '/a/token'\n");
    assertThat(run("-q", "config", "show", "--runtime-cache", "/tmp/a b")).isZero();
    String text = out.toString(UTF_8);
    assertThat(text)
        .contains("config.toml:4")
        .contains("option --runtime-cache")
        .contains("option -v, -q");

    Path again = write(folder.resolve("again.toml"), text);
    ConfigFile read = ConfigFile.read(again);
    assertThat(read.lines()).hasSize(keys().size());
    assertThat(run("--config", again.toString(), "config", "check")).isZero();
    assertThat(out.toString(UTF_8))
        .contains("is right, " + ConfigKey.values().length + " keys")
        .contains("listen");
  }

  @Test
  void aDaemonTakesWhatTheFileSaysAndOptionsWin() throws IOException {
    ofData(
        "listen = ['/ip4/127.0.0.1/tcp/1']\nruntime-cache = '/c'\nmdns = false\noutput.json = true\n");
    assertThat(run("daemon")).isZero();
    assertThat(out.toString(UTF_8)).startsWith("{\"event\":\"ready\"");
    assertThat(node.config).isNotNull();
    assertThat(node.config.listen()).containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"));
    assertThat(node.config.runtimeCache()).isEqualTo(Path.of("/c"));
    assertThat(node.config.discovery().lan()).isFalse();

    run(
        "daemon",
        "--listen",
        "/ip4/127.0.0.1/tcp/2",
        "--runtime-cache",
        "none",
        "--mdns",
        "--no-json");
    assertThat(node.config.discovery().lan()).isTrue();
    assertThat(node.config.limits().quota().isNone()).isTrue();
    assertThat(node.config.listen()).containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/2"));
    assertThat(node.config.runtimeCache()).isNull();
    assertThat(out.toString(UTF_8)).startsWith("peer id");
  }

  @Test
  void theGatewayListensWhereTheOptionOrTheFileSaysElseAtTheDefault() throws IOException {
    assertThat(run("daemon")).isZero();
    assertThat(node.config).isNotNull();
    assertThat(node.config.http()).isEqualTo(new InetSocketAddress("127.0.0.1", 7438));
    ofData("[gateway]\nlisten = '[::1]:80'\n");
    assertThat(run("daemon")).isZero();
    assertThat(node.config.http()).isEqualTo(new InetSocketAddress("::1", 80));
    assertThat(run("daemon", "--http", "none")).isZero();
    assertThat(node.config.http()).isNull();
    assertThat(run("list")).isZero();
    assertThat(node.config.http()).isNull();
    ofData("gateway.listen = 'example.org:80'\n");
    assertThat(run("daemon")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("'gateway.listen': 'example.org' is no address in digits");
  }

  @Test
  void theRegistryFaceIsAsTheOptionOrTheFileSays() throws IOException {
    assertThat(run("daemon")).isZero();
    assertThat(node.config).isNotNull();
    assertThat(node.config.registry()).isEqualTo(RegistryConfig.DEFAULT);
    ofData(
        "gateway.public-url = 'https://images.example.net/golem'\ngateway.push = false\n"
            + "registry.push-token-file = '/etc/token'\nregistry.upload-age = '1h'\n");
    assertThat(run("daemon")).isZero();
    RegistryConfig config = node.config.registry();
    assertThat(config.publicUrl()).hasToString("https://images.example.net/golem");
    assertThat(config.push()).isFalse();
    assertThat(config.tokenFile()).isEqualTo(Path.of("/etc/token"));
    assertThat(config.uploadAge()).hasHours(1);
    assertThat(run("daemon", "--public-url", "none", "--push")).isZero();
    assertThat(node.config.registry().publicUrl()).isNull();
    assertThat(node.config.registry().push()).isTrue();
    for (String wrong : List.of("ftp://a", "http://a/?b", "http://u@a/", "http://a/#b")) {
      assertThat(run("daemon", "--public-url", wrong)).as(wrong).isEqualTo(2);
    }
    assertThat(run("daemon", "--push-token-file", "token")).isEqualTo(2);
  }

  @Test
  void whatIsBroughtAheadIsAsTheOptionsOrTheFileSay() throws IOException {
    assertThat(run("daemon")).isZero();
    assertThat(node.config).isNotNull();
    assertThat(node.config.warmUp()).isEqualTo(WarmUpConfig.NONE);
    ofData("warm-up.images = ['a/b:c']\nwarm-up.every = '5m'\nwarm-up.limit = '8MB/s'\n");
    assertThat(run("daemon")).isZero();
    assertThat(node.config.warmUp())
        .isEqualTo(new WarmUpConfig(List.of("a/b:c"), Duration.ofMinutes(5)));
    assertThat(node.config.limits().warmUp().bytesPerSecond()).isEqualTo(8_000_000);
    assertThat(
            run(
                "daemon",
                "--warm-up",
                "d/e:f",
                "--warm-up",
                "g/h:i",
                "--warm-up-every",
                "1m",
                "--warm-up-limit",
                "none"))
        .isZero();
    assertThat(node.config.warmUp())
        .isEqualTo(new WarmUpConfig(List.of("d/e:f", "g/h:i"), Duration.ofMinutes(1)));
    assertThat(node.config.limits().warmUp().isNone()).isTrue();
    assertThat(run("daemon", "--warm-up", "zz")).isEqualTo(2);
  }

  @Test
  void quotaAndRatesAreOfTheFileUnlessOptionsSayOtherwise() throws IOException {
    ofData(
        "quota = '20G'\nupload-limit = '20Mbit'\ndownload-limit = '5MiB/s'\nlow-priority = false\n"
            + "upload-limit-per-peer = '4Mbit'\ndownload-limit-per-peer = '1MB/s'\n");
    assertThat(run("list")).isZero();
    assertThat(node.config).isNotNull();
    assertThat(node.config.limits().quota().bytes()).isEqualTo(20_000_000_000L);
    assertThat(node.config.limits().upload().bytesPerSecond()).isEqualTo(2_500_000);
    assertThat(node.config.limits().download().bytesPerSecond()).isEqualTo(5 << 20);
    assertThat(node.config.limits().uploadPerPeer().bytesPerSecond()).isEqualTo(500_000);
    assertThat(node.config.limits().downloadPerPeer().bytesPerSecond()).isEqualTo(1_000_000);

    assertThat(
            run(
                "daemon",
                "--quota",
                "1.5T",
                "--upload-limit",
                "none",
                "--download-limit-per-peer",
                "2MB/s",
                "--upload-limit-per-peer",
                "none"))
        .isZero();
    assertThat(node.config.limits().uploadPerPeer().isNone()).isTrue();
    assertThat(node.config.limits().downloadPerPeer().bytesPerSecond()).isEqualTo(2_000_000);
    assertThat(node.config.limits().quota().bytes()).isEqualTo(1_500_000_000_000L);
    assertThat(node.config.limits().upload().isNone()).isTrue();
    assertThat(node.config.limits().download().bytesPerSecond()).isEqualTo(5 << 20);
  }

  @Test
  void aPrefetchTakesWhatTheFileSaysAndOptionsWin() throws IOException {
    ofData("peers = ['" + PEER + "']\nprefetch.timeout = '5m'\noutput.level = 'quiet'\n");
    String other = PEER.replace("192.0.2.1", "192.0.2.2");
    run("prefetch", FakeNode.IMAGE);
    run("prefetch", FakeNode.IMAGE, "--peer", other, "--timeout", "1s");
    run("verify", FakeNode.IMAGE);

    assertThat(node.prefetches.getFirst().peers()).containsExactly(PEER);
    assertThat(node.prefetches.getFirst().timeout()).hasMinutes(5);
    assertThat(node.prefetches.getFirst().runtimeCache()).isNull();
    assertThat(node.prefetches.getLast().peers()).containsExactly(other);
    assertThat(node.prefetches.getLast().timeout()).hasSeconds(1);
    assertThat(node.verifies.getFirst().peers()).containsExactly(PEER);
  }

  @Test
  void aFileThatIsWrongIsOneLineAndExitCode2() throws IOException {
    Path file = ofData("listen = []\nlisten2 = 3\n");
    assertThat(run("list")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .startsWith("gvmi-p2p: " + file + ":1:1: 'listen': it has 0 entries; allowed")
        .contains("1 more")
        .hasLineCount(1);
    assertThat(node.config).isNull();

    assertThat(run("config", "check")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).hasLineCount(2).contains(file + ":2:1: unknown key");
    assertThat(run("completion", "bash")).isZero();
  }

  @Test
  void aFileThatIsNamedAndNotThereIsAnError() {
    for (String[] args : List.of(new String[] {"list"}, new String[] {"config", "check"})) {
      String[] all = Arrays.copyOf(args, args.length + 2);
      all[args.length] = "--config";
      all[args.length + 1] = folder.resolve("missing").toString();
      assertThat(run(all)).isEqualTo(2);
      assertThat(err.toString(UTF_8)).contains("there is no such file").hasLineCount(1);
    }
  }
}
