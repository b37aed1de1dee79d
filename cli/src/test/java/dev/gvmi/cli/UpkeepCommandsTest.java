package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.cli.output.Console;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PinRequest;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.discovery.DiscoveryConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What verify, remove, peers and limits print, and their exit codes. */
class UpkeepCommandsTest {
  @TempDir Path folder;

  private final FakeNode node = new FakeNode();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    Map<String, String> environment =
        Map.of("GVMI_P2P_HOME", folder.toString(), "XDG_CONFIG_HOME", folder.toString());
    return new Main(console, environment, node).run(args);
  }

  private List<JsonNode> lines() {
    return out.toString(UTF_8).lines().map(line -> JsonMapper.shared().readTree(line)).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "verify --all abab",
        "verify not-an-image!",
        "verify --peer /ip4/127.0.0.1/tcp/1",
        "verify --all --timeout 5s",
        "remove",
        "remove not-an-image!",
        "peers extra",
        "publish nothing-there --wait 5s",
        "publish nothing-there --replicas -1",
        "find",
        "find not-an-image!",
        "find abab --dht maybe",
        "find --bootstrap /ip4/127.0.0.1/tcp/1",
        "daemon --bootstrap nonsense",
        "limits --upload 5",
        "limits --download 5M",
        "limits --upload 1kbit",
        "limits --warm-up 5M",
        "limits --origin 5M",
        "pin",
        "pin not-an-image!",
        "unpin",
        "daemon --quota 5",
        "daemon --quota 500000",
        "daemon --upload-limit fast",
        "limits extra",
        "config",
        "config frobnicate",
        "config show --upload 1",
        "completion",
        "completion powershell",
        "--json --json list"
      })
  void refusesWhatItDoesNotKnowInOneLine(String line) {
    assertThat(run(line.split(" ", -1))).isEqualTo(2);

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines()).hasSize(1);
    assertThat(node.config).isNull();
  }

  @Test
  void anImageAndAllExcludeEachOther() {
    assertThat(run("verify", "--all", FakeNode.IMAGE)).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("exclude each other");
  }

  @ParameterizedTest
  @CsvSource({"COMPLETE,0", "NOT_FOUND,3", "VERIFICATION_FAILED,4", "NO_SPACE,5", "NOT_PLACED,8"})
  void outcomeOfAVerificationBecomesTheExitCode(Outcome outcome, int code) {
    node.outcome = outcome;
    assertThat(run("verify", FakeNode.IMAGE)).isEqualTo(code);
    if (code != 0) {
      assertThat(err.toString(UTF_8)).startsWith("gvmi-p2p: image is damaged, 2 of 4 chunks");
    }
    assertThat(node.closed).isTrue();
  }

  @Test
  void verifyOfAllIsAnEventForEachImageAndTheResultLast() {
    assertThat(run("--json", "verify", "--runtime-cache", "/c")).isZero();

    List<JsonNode> lines = lines();
    assertThat(lines.stream().map(line -> line.path("event").asString("")).distinct())
        .containsExactly("progress", "image", "result");
    JsonNode image =
        lines.stream()
            .filter(l -> l.path("event").asString("").equals("image"))
            .findFirst()
            .orElseThrow();
    assertThat(image.path("outcome").asString("")).isEqualTo("repaired");
    assertThat(image.path("image").asString("")).isEqualTo(FakeNode.IMAGE);
    assertThat(image.path("damagedChunks").asInt()).isEqualTo(2);
    assertThat(image.path("sources").path("12D3A").asLong()).isEqualTo(500);
    assertThat(image.path("replaced").path(0).asString("")).isEqualTo("/c/i");
    assertThat(lines.getLast().toString())
        .isEqualTo(
            "{\"event\":\"result\",\"outcome\":\"complete\",\"images\":2,\"bytes\":2000,\"damaged\":2,"
                + "\"repaired\":2,\"elapsedMs\":14}");
    assertThat(node.verifies.getFirst().runtimeCache()).isEqualTo("/c");
  }

  @Test
  void verifySaysInTextWhatItDid() {
    assertThat(run("verify", "--all")).isZero();
    assertThat(out.toString(UTF_8)).contains(FakeNode.IMAGE + "  1.00 kB  repaired, 2 of 4 chunks");
    assertThat(err.toString(UTF_8)).contains("replaced /c/i").contains("2 images");
  }

  @Test
  void removeSaysWhatIsFreed() {
    assertThat(run("remove", FakeNode.IMAGE, FakeNode.IMAGE)).isZero();
    assertThat(out.toString(UTF_8))
        .contains(FakeNode.IMAGE + "  removed, 1.00 kB freed")
        .contains("/c/i");
    out.reset();
    assertThat(run("--json", "remove", FakeNode.IMAGE)).isZero();
    assertThat(lines().getLast().toString())
        .isEqualTo(
            "{\"event\":\"result\",\"outcome\":\"complete\",\"images\":1,\"freedBytes\":1000}");
  }

  @Test
  void removeOfAnUnknownImageIsExitCode3() {
    node.outcome = Outcome.NOT_FOUND;
    assertThat(run("remove", FakeNode.IMAGE)).isEqualTo(3);
    assertThat(err.toString(UTF_8)).isEqualTo("gvmi-p2p: image is not held here\n");
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void findShowsHoldersAndHowEachWasFound() {
    assertThat(run("find", FakeNode.IMAGE, "--timeout", "3s")).isZero();
    assertThat(node.finds)
        .singleElement()
        .satisfies(request -> {
          assertThat(request.image()).isEqualTo(FakeNode.IMAGE);
          assertThat(request.limit()).isEqualTo(Duration.ofSeconds(3));
        });
    assertThat(out.toString(UTF_8).lines())
        .anyMatch(line -> line.matches("12D3B +complete +dht +1.50 ms +/ip4/127.0.0.1/tcp/2"))
        .anyMatch(line -> line.matches("12D3C +partial +lan +no answer +/ip4/127.0.0.1/tcp/3"));
    assertThat(err.toString(UTF_8)).contains("2 holders, 1 complete; 5 peers asked");
    out.reset();

    assertThat(run("--json", "find", FakeNode.IMAGE)).isZero();
    JsonNode result = lines().getLast();
    assertThat(result.path("outcome").stringValue()).isEqualTo("complete");
    assertThat(result.path("holders")).hasSize(2);
    assertThat(result.path("holders").get(0).path("foundBy").stringValue()).isEqualTo("dht");
    assertThat(result.path("holders").get(0).path("complete").booleanValue()).isTrue();
    assertThat(result.path("holders").get(1).path("roundTripMicros").isNull()).isTrue();
  }

  @Test
  void anImageThatNobodyHoldsIsNotFound() {
    node.outcome = Outcome.NOT_FOUND;
    assertThat(run("find", FakeNode.IMAGE)).isEqualTo(3);
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8)).contains("5 peers were asked");
  }

  @Test
  void whereToJoinAndHowIsTakenFromOptionsAndTheFile() throws IOException {
    String peer =
        "/ip4/192.0.2.7/tcp/7437/p2p/12D3KooWGRUfh4nUT5Dd4PkDGPuYqNC5TcCvpNAnqnBqhyBTyVVD";
    run("find", FakeNode.IMAGE, "--bootstrap", peer, "--dht", "client");
    DiscoveryConfig given = Objects.requireNonNull(node.config).discovery();
    assertThat(given.bootstrap()).singleElement().hasToString(peer);
    assertThat(given.dht()).isEqualTo(DhtRole.CLIENT);
    Files.writeString(
        folder.resolve("config.toml"),
        "bootstrap = [\"/dnsaddr/bootstrap.example.org\"]\ndht = \"off\"\n");
    run("find", FakeNode.IMAGE);
    DiscoveryConfig configured = Objects.requireNonNull(node.config).discovery();
    assertThat(configured.bootstrap())
        .singleElement()
        .hasToString("/dnsaddr/bootstrap.example.org");
    assertThat(configured.dht()).isEqualTo(DhtRole.OFF);
  }

  @Test
  void publishWaitsUntilOthersHoldIt() throws IOException {
    String file = Files.writeString(folder.resolve("image"), "bytes").toString();
    assertThat(run("publish", file, "--replicas", "1")).as("nothing serves it").isEqualTo(2);
    node.daemon = true;
    assertThat(run("publish", file, "--replicas", "1")).isZero();
    assertThat(err.toString(UTF_8)).contains("held by others after", "1 complete, 1 partial");
    assertThat(run("publish", file, "--replicas", "2", "--wait", "1ms")).isEqualTo(6);
    assertThat(err.toString(UTF_8)).contains("only 1 of 2 others");
  }

  @Test
  void peersNeedADaemon() throws IOException {
    assertThat(run("peers")).isEqualTo(7);
    Files.writeString(folder.resolve("control.json"), "{}");
    assertThat(run("peers")).isEqualTo(7);
    assertThat(err.toString(UTF_8).lines())
        .hasSize(2)
        .allMatch(line -> line.contains("no daemon holds"));
    node.daemon = true;

    assertThat(run("peers")).isZero();
    assertThat(out.toString(UTF_8))
        .contains("3B  from /ip4/127.0.0.1/tcp/2")
        .contains("1.50 ms")
        .contains("2 B in, 3 B out")
        .contains("3C  to /ip4/127.0.0.1/tcp/3")
        .contains("no answer")
        .contains("Banned  banned: sent wrong bytes, 1970-01-01T00:00:00Z")
        .doesNotContain("null");
    out.reset();
    assertThat(run("--json", "peers")).isZero();
    JsonNode peers = lines().getLast().path("peers");
    JsonNode ban = lines().getLast().path("bans").path(0);
    assertThat(ban.path("reason").asString()).isEqualTo("sent wrong bytes");
    assertThat(ban.path("banned").asBoolean()).isTrue();
    assertThat(peers.path(0).path("direction").asString("")).isEqualTo("in");
    assertThat(peers.path(0).path("roundTripMicros").asLong()).isEqualTo(1500);
    assertThat(peers.path(1).path("security").isNull()).isTrue();
  }

  @Test
  void aPinIsToldAndAnUnknownImageIsExitCode3() {
    assertThat(run("pin", FakeNode.IMAGE)).isZero();
    assertThat(run("--json", "unpin", FakeNode.IMAGE)).isZero();
    assertThat(out.toString(UTF_8))
        .startsWith(FakeNode.IMAGE + "  pinned\n")
        .endsWith(
            "{\"event\":\"result\",\"outcome\":\"complete\",\"image\":\""
                + FakeNode.IMAGE
                + "\",\"pinned\":false}\n");
    assertThat(node.pins).extracting(PinRequest::pinned).containsExactly(true, false);
    node.outcome = Outcome.NOT_FOUND;
    assertThat(run("pin", FakeNode.IMAGE)).isEqualTo(3);
    assertThat(err.toString(UTF_8)).isEqualTo("gvmi-p2p: image is not held here\n");
  }

  @Test
  void listAndStatusShowPinsAndTheQuota() {
    assertThat(run("list")).isZero();
    assertThat(out.toString(UTF_8)).endsWith("  pinned\n");
    assertThat(run("status")).isZero();
    assertThat(out.toString(UTF_8)).contains("20.0 kB, 1.00 kB used, 500 B reserved");
    out.reset();
    assertThat(run("--json", "status")).isZero();
    assertThat(lines().getLast().toString())
        .contains("\"quotaBytes\":20000,\"usedBytes\":1000,\"reservedBytes\":500");
  }

  @Test
  void limitsAreChangedAtADaemonOnly() throws IOException {
    assertThat(run("limits", "--upload", "20Mbit")).isEqualTo(7);
    Files.writeString(folder.resolve("control.json"), "{}");
    node.daemon = true;
    assertThat(run("limits", "--upload", "20Mbit")).isZero();
    assertThat(run("limits", "--download", "none")).isZero();
    assertThat(run("limits", "--warm-up", "1MB/s")).isZero();
    assertThat(run("limits", "--upload-per-peer", "1MB/s", "--download-per-peer", "2MB/s"))
        .isZero();
    assertThat(node.limited)
        .containsExactly(
            new LimitsRequest(2_500_000L, null),
            new LimitsRequest(null, Long.MAX_VALUE),
            new LimitsRequest(null, null, null, null, null, 1_000_000L),
            new LimitsRequest(null, null, 1_000_000L, 2_000_000L, null, null));
    assertThat(out.toString(UTF_8)).contains("upload").contains("none");
  }

  @Test
  void limitsAreShown() {
    assertThat(run("limits")).isZero();
    assertThat(out.toString(UTF_8))
        .contains("256 connections")
        .contains("3 used")
        .contains("1.00 kB");
    out.reset();
    assertThat(run("limits", "--json")).isZero();
    assertThat(lines().getLast().path("limits").path(0).toString())
        .isEqualTo(
            "{\"name\":\"connections\",\"limit\":256,\"unit\":\"connections\",\"used\":3,\"meaning\":\"in all\"}");
  }
}
