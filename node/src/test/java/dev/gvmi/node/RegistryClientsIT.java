package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.config.HttpAddress;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.rate.RateLimit;
import dev.gvmi.node.registry.GvmkitClient;
import dev.gvmi.node.registry.GvmkitClient.Source;
import dev.gvmi.node.registry.RegistryConfig;
import dev.gvmi.node.registry.TestGvmi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes as registries, with Golem's own clients where they are installed: gvmkit-build ({@code
 * -Dinterop.gvmkit}) and golem-js ({@code -Dinterop.golem-js}), each with its folder under {@code
 * interop}.
 */
@Timeout(120)
final class RegistryClientsIT {
  private static final byte[] IMAGE = TestGvmi.random(5_000_000, 11);
  private static final Source SOURCE = new Source(IMAGE, 1 << 20);
  private static final String NAME = "user/repo:1.0";

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private Node node(String name, Quota quota) {
    NodeConfig config =
        new NodeConfig(
                temp.resolve(name), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), null, "test")
            .withHttp(new InetSocketAddress("127.0.0.1", 0))
            .with(new ResourceLimits(quota, RateLimit.NONE, RateLimit.NONE))
            .with(
                new RegistryConfig(
                    OriginUrl.parse("http://images.example.net"),
                    true,
                    null,
                    Duration.ofHours(24)));
    Node node = Node.open(config);
    running.add(node);
    node.startDaemon();
    return node;
  }

  private static InetSocketAddress address(Node node) {
    return HttpAddress.parse(Objects.requireNonNull(node.status().http())).orElseThrow();
  }

  private String token() throws IOException {
    return Files.readString(temp.resolve("a").resolve("push-token")).strip();
  }

  private Outcome fetch(Node into, Node from, String image) {
    return into.service()
        .prefetch(
            new PrefetchRequest(
                image, List.of(from.status().addresses().getFirst()), null, null, null),
            event -> {})
        .outcome();
  }

  @Test
  void aPushedImageIsFetchedByAnotherNodeAlsoAfterARestart() throws Exception {
    Node a = node("a", Quota.NONE);
    try (GvmkitClient client = new GvmkitClient(address(a))) {
      client.push(SOURCE, NAME, token());
    }
    assertThat(fetch(node("b", Quota.NONE), a, SOURCE.sha3())).isEqualTo(Outcome.COMPLETE);
    running.removeFirst().close();
    Node again = node("a", Quota.NONE);
    try (GvmkitClient client = new GvmkitClient(address(again))) {
      assertThat(client.get("/v1/image/info?tag=" + NAME).text())
          .isEqualTo(
              "{\"http\":\"http://images.example.net/download/"
                  + SOURCE.sha3()
                  + "\",\"https\":\"http://images.example.net/download/"
                  + SOURCE.sha3()
                  + "\",\"sha3\":\""
                  + SOURCE.sha3()
                  + "\",\"size\":"
                  + IMAGE.length
                  + "}\n");
    }
    assertThat(fetch(node("c", Quota.NONE), again, SOURCE.sha3())).isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void aTaggedImageIsNotEvictedForAnotherUntilItsTagMoves() throws Exception {
    Node a = node("a", new Quota(8_000_000));
    try (GvmkitClient client = new GvmkitClient(address(a))) {
      client.push(SOURCE, NAME, token());
      Source other = new Source(TestGvmi.random(4_000_000, 12), 1 << 20);
      assertThat(client.pushDescriptor(other.descriptor()).status()).isEqualTo(507);
      Source small = new Source(TestGvmi.random(1_000_000, 13), 1 << 20);
      client.push(small, NAME, token());
      client.push(other, "user/other:1.0", token());
      assertThat(a.status().images()).as("the image without a tag has gone").isEqualTo(2);
    }
  }

  // ---- Golem's own ----

  private static Path installed(String name, String file) {
    String property = System.getProperty("interop." + name, "");
    assumeTrue(!property.isBlank(), "without -Dinterop." + name + "=DIR " + name + " is not tried");
    Path folder = Path.of(property).toAbsolutePath();
    assumeTrue(
        Files.exists(folder.resolve(file)),
        "no " + file + " in " + folder + ": see the README.md there");
    return folder;
  }

  private static Path gvmkitProgram() {
    String program = "venv/bin/gvmkit-build";
    return installed("gvmkit", program).resolve(program);
  }

  private record Run(int exit, String output) {}

  private Run run(ProcessBuilder command) throws IOException, InterruptedException {
    Path log = Files.createTempFile(temp, "run", ".log");
    Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      return new Run(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  private Run gvmkit(Path program, Node node, Path file, String... options) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                program.toString(), "--direct-file-upload", file.toString(), "--hide-progress"));
    words.addAll(List.of(options));
    ProcessBuilder command = new ProcessBuilder(words).directory(temp.toFile());
    command.environment().put("HOME", temp.toString());
    command.environment().put("REGISTRY_URL", "http://127.0.0.1:" + address(node).getPort() + "/");
    command.environment().put("REGISTRY_USER", "user");
    command.environment().put("REGISTRY_TOKEN", token());
    return run(command);
  }

  @Test
  void gvmkitBuildPushesAnImage() throws Exception {
    Path program = gvmkitProgram();
    Path file = Files.write(temp.resolve("image.gvmi"), IMAGE);
    Node a = node("a", Quota.NONE);

    Run pushed = gvmkit(program, a, file, "--push-to", NAME, "--upload-chunk-size", "300000");
    assertThat(pushed.exit()).as(pushed.output()).isZero();
    assertThat(pushed.output())
        .contains("successfully logged in")
        .contains("image validated successfully")
        .contains("success: user/repo:1.0 is image " + SOURCE.sha3());
    assertThat(a.service().list()).singleElement().extracting("image").isEqualTo(SOURCE.sha3());

    Run again = gvmkit(program, a, file, "--push-to", "user/repo:2.0");
    assertThat(again.exit()).as(again.output()).isZero();
    assertThat(fetch(node("b", Quota.NONE), a, SOURCE.sha3())).isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void gvmkitBuildPushesWithoutALoginOnThisMachine() throws Exception {
    Path program = gvmkitProgram();
    Path file = Files.write(temp.resolve("image.gvmi"), IMAGE);
    Node a = node("a", Quota.NONE);
    Run pushed = gvmkit(program, a, file, "--push", "--nologin", "user/repo:1.0");
    assertThat(pushed.exit()).as(pushed.output()).isZero();
    assertThat(a.service().list()).hasSize(1);
  }

  @Test
  void gvmkitBuildSaysWhatTheNodeSaysAgainstAPush() throws Exception {
    Path program = gvmkitProgram();
    Path file = Files.write(temp.resolve("no-image.gvmi"), new byte[100_000]);
    Node a = node("a", Quota.NONE);
    Run refused = gvmkit(program, a, file, "--push-to", NAME);
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.output()).contains("422").contains("the image is refused");
  }

  @Test
  void golemJsResolvesAnImageByItsTagAndByItsHash() throws Exception {
    Path folder = installed("golem-js", "node_modules");
    Node a = node("a", Quota.NONE);
    try (GvmkitClient client = new GvmkitClient(address(a))) {
      client.push(SOURCE, NAME, token());
    }
    String expected =
        "hash:sha3:" + SOURCE.sha3() + ":http://images.example.net/download/" + SOURCE.sha3();
    Run counted =
        golemJs(folder, a, "false", "tag=" + NAME, "https+tag=" + NAME, "tag=user/none:1");
    assertThat(counted.exit()).as(counted.output()).isZero();
    List<String> lines = counted.output().lines().toList();
    assertThat(lines).hasSize(3).startsWith(expected, expected);
    assertThat(lines.getLast()).contains("Unable to get image tag user/none:1 is not known here");
    assertThat(golemJs(folder, a, "true", "hash=" + SOURCE.sha3(), "tag=" + NAME))
        .isEqualTo(new Run(0, expected + "\n" + expected + "\n"));
  }

  private Run golemJs(Path folder, Node node, String dev, String... questions) throws Exception {
    List<String> words = new ArrayList<>(List.of("node", "resolve.mjs"));
    words.addAll(List.of(questions));
    ProcessBuilder command = new ProcessBuilder(words).directory(folder.toFile());
    command.environment().put("GOLEM_REGISTRY_URL", "http://127.0.0.1:" + address(node).getPort());
    command.environment().put("GOLEM_DEV_MODE", dev);
    return run(command);
  }
}
