package dev.gvmi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A provider's whole way: hook installed, task arrives, the exe-unit downloads from the node, which
 * downloads from the origin once.
 */
@Timeout(120)
final class ProviderIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path folder;
  private NodeProcesses nodes;
  private HttpServer origin;
  private final AtomicInteger downloads = new AtomicInteger();

  @AfterEach
  void close() {
    if (nodes != null) {
      nodes.close();
    }
    if (origin != null) {
      origin.stop(0);
    }
  }

  private String serve(byte[] bytes) throws Exception {
    origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    origin.createContext(
        "/dl/image.gvmi",
        exchange -> {
          try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            downloads.addAndGet(head ? 0 : 1);
            exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
            if (!head) {
              exchange.getResponseBody().write(bytes);
            }
          }
        });
    origin.start();
    return "http://127.0.0.1:" + origin.getAddress().getPort() + "/dl/image.gvmi";
  }

  private Path plugins() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    Files.writeString(
        plugins.resolve("ya-runtime-vm.json"),
        "[{\"name\": \"vm\", \"version\": \"0.5.2\", \"supervisor-path\": \"exe-unit\", \"runtime-path\": \"rt\"}]");
    Path unit =
        Files.writeString(
            plugins.resolve("exe-unit"),
            "#!/bin/sh\nwhile [ \"$1\" != -a ]; do shift; done\ncp \"$2\" '" + folder + "/seen'\n");
    assertThat(unit.toFile().setExecutable(true)).isTrue();
    Path runtime = Files.writeString(plugins.resolve("rt"), "#!/bin/sh\n");
    assertThat(runtime.toFile().setExecutable(true)).isTrue();
    return plugins;
  }

  private static String taskPackage(JsonNode agreement) {
    return agreement.at("/demand/properties/golem/srv/comp/task_package").asString("");
  }

  @Test
  void taskOfAnImageThatNobodyPrefetchedIsDownloadedThroughTheNode() throws Exception {
    nodes = new NodeProcesses(folder);
    byte[] bytes = Files.readAllBytes(MadeImage.write(folder.resolve("made.gvmi"), 5_000_000));
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA3-224").digest(bytes));
    String url = serve(bytes);
    Path data = folder.resolve("a");
    nodes.daemon(data, "--no-mdns", "--http", "127.0.0.1:0", "--allow-private-origin");
    Path plugins = plugins();
    nodes.result(data, "runtime", "install", "--plugins", plugins.toString());

    Path work = Files.createDirectories(folder.resolve("work/agreement/activity"));
    Path agreement =
        Files.writeString(
            work.resolveSibling("agreement.json"),
            "{\"agreementId\":\"x\",\"demand\":{\"properties\":{\"golem\":{\"srv\":{\"comp\":{\"task_package\":\"hash:sha3:"
                + hash
                + ":"
                + url
                + "\"}}}}}}");
    String wrapper =
        JSON.readTree(plugins.resolve("ya-runtime-vm.json").toFile())
            .path(0)
            .path("supervisor-path")
            .asString("");
    Process unit =
        new ProcessBuilder(
                plugins.resolve(wrapper).toString(),
                "-b",
                plugins.resolve("rt").toString(),
                "service-bus",
                "id",
                "/local/activity",
                "-c",
                folder.resolve("cache").toString(),
                "-w",
                work.toString(),
                "-a",
                agreement.toString())
            .inheritIO()
            .start();
    assertThat(unit.waitFor(20, TimeUnit.SECONDS)).isTrue();
    String seen = taskPackage(JSON.readTree(folder.resolve("seen").toFile()));
    assertThat(seen)
        .startsWith("hash:sha3:" + hash + ":http://127.0.0.1:")
        .endsWith("%2Fimage.gvmi");
    URI local = URI.create(seen.substring(seen.indexOf("http:")));
    assertThat(local.getPath()).endsWith("/image.gvmi");

    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 2; i++) {
        HttpResponse<byte[]> answer =
            client.send(
                HttpRequest.newBuilder(local).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(bytes);
      }
    }
    assertThat(downloads).hasValue(1);
    nodes.result(data, "runtime", "uninstall", "--plugins", plugins.toString());
    assertThat(Files.readString(plugins.resolve("ya-runtime-vm.json"), UTF_8))
        .contains("\"supervisor-path\": \"exe-unit\"");
  }
}
