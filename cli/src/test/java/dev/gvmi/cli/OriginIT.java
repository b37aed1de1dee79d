package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gvmi.cli.NodeProcesses.Daemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A web server and a registry on loopback, and nodes that get their images there, as a user sees
 * it.
 */
@Timeout(120)
final class OriginIT {
  private static final int SIZE = 3_000_000;

  @TempDir private Path folder;
  private NodeProcesses nodes;
  private HttpServer server;
  private ExecutorService threads;
  private byte[] bytes = {};
  private String hash = "";
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @BeforeEach
  void make() throws Exception {
    nodes = new NodeProcesses(folder);
    bytes = Files.readAllBytes(MadeImage.write(folder.resolve("made.gvmi"), SIZE));
    hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA3-224").digest(bytes));
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void close() {
    nodes.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private String taskPackage(String path) {
    return "hash:sha3:" + hash + ":" + url(path);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      asked.add(target);
      byte[] body =
          switch (exchange.getRequestURI().getPath()) {
            case "/dir/my%20image.gvmi", "/dir/my image.gvmi" -> bytes;
            case "/other.gvmi" -> new byte[SIZE];
            case "/v1/image/info" ->
                target.contains("hash=" + hash) || target.contains("tag=golem%2Falpine%3A3&")
                    ? info()
                    : null;
            default -> null;
          };
      exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
      if (body != null) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private byte[] info() {
    return ("{\"http\":\""
            + url("/dir/my image.gvmi")
            + "\",\"sha3\":\""
            + hash
            + "\",\"size\":"
            + bytes.length
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void isFromTheOrigin(JsonNode result) {
    assertThat(result.path("image").asString("")).isEqualTo(hash);
    assertThat(result.path("sources").toString()).isEqualTo("{\"origin\":" + bytes.length + "}");
  }

  @Test
  void taskPackageIsFetchedVerifiedAndPlacedWithoutAnyPeer() throws Exception {
    Path cache = Files.createDirectories(folder.resolve("cache"));
    JsonNode result =
        nodes.result(
            folder.resolve("a"),
            "prefetch",
            taskPackage("/dir/my%20image.gvmi"),
            "--allow-private-origin",
            "--runtime-cache",
            cache.toString());
    isFromTheOrigin(result);
    Path placed = cache.resolve("my image_" + hash + ".gvmi");
    assertThat(result.path("placed").asString("")).isEqualTo(placed.toString());
    assertThat(Files.readAllBytes(placed)).isEqualTo(bytes);
  }

  @Test
  void privateAddressIsNotAskedUnlessItIsAllowed() {
    nodes.failsHere(
        3,
        "no public address",
        folder.resolve("a"),
        "prefetch",
        taskPackage("/dir/my%20image.gvmi"));
    assertThat(asked).isEmpty();
  }

  @Test
  void peersOnlyMeansPeersOnly() {
    nodes.failsHere(
        3,
        "not found",
        folder.resolve("a"),
        "prefetch",
        taskPackage("/dir/my%20image.gvmi"),
        "--allow-private-origin",
        "--no-origin");
    assertThat(asked).isEmpty();
  }

  @Test
  void otherBytesAreNeitherKeptNorPlaced() throws Exception {
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Path data = folder.resolve("a");
    nodes.fails(
        4,
        "does not hash to",
        data,
        "prefetch",
        taskPackage("/other.gvmi"),
        "--allow-private-origin",
        "--runtime-cache",
        cache.toString());
    assertThat(cache).isEmptyDirectory();
    assertThat(nodes.result(data, "list").path("images")).isEmpty();
  }

  @Test
  void tagsAndHashesAreAskedOfTheRegistry() throws Exception {
    String[] registry = {
      "--registry", url(""), "--allow-private-origin", "--runtime-cache", "none"
    };
    isFromTheOrigin(
        nodes.result(folder.resolve("a"), with(registry, "prefetch", "golem/alpine:3")));
    isFromTheOrigin(nodes.result(folder.resolve("b"), with(registry, "prefetch", hash)));
    nodes.failsHere(
        3,
        "golem/nothing:latest not found at registry",
        folder.resolve("c"),
        with(registry, "prefetch", "golem/nothing"));
    nodes.failsHere(
        3, "status 404", folder.resolve("c"), with(registry, "prefetch", "ab".repeat(28)));
    assertThat(asked)
        .contains(
            "/v1/image/info?tag=golem%2Falpine%3A3&count=true",
            "/v1/image/info?hash=" + hash + "&count=true");
  }

  @Test
  void tagNeedsARegistry() {
    nodes.failsHere(2, "no registry", folder.resolve("a"), "prefetch", "golem/alpine:3");
  }

  private static String[] with(String[] options, String... command) {
    return Stream.of(command, options).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void daemonFetchesFromTheOriginAndServesOthers() throws Exception {
    Daemon daemon = nodes.daemon(folder.resolve("a"), "--registry", url(""), "--no-mdns");
    String[] fetch = {"prefetch", "golem/alpine:3", "--allow-private-origin"};
    isFromTheOrigin(nodes.result(folder.resolve("a"), fetch));
    long before = asked.size();
    JsonNode second =
        nodes.result(
            folder.resolve("b"),
            "prefetch",
            taskPackage("/dir/my%20image.gvmi"),
            "--no-origin",
            "--peer",
            daemon.address(),
            "--runtime-cache",
            "none");
    assertThat(second.path("bytes").asLong()).isEqualTo(bytes.length);
    assertThat(second.path("sources").has("origin")).isFalse();
    assertThat(asked).hasSize((int) before);
  }
}
