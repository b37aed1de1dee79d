package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.HttpAddress;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.gateway.ExeUnitClient;
import dev.gvmi.node.gateway.RawHttp;
import dev.gvmi.node.origin.OriginConfig;
import dev.gvmi.node.origin.RawHttpServer;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway of a node that is connected to a holder. */
@Timeout(60)
final class GatewayNodeIT {
  private static final TestImage IMAGE = TestImage.random(8 << 20, 3);
  private static final String PATH = "/fetch/" + IMAGE.id() + "/image.gvmi";

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();
  private String seed;

  @BeforeEach
  void hold() throws IOException {
    try (ImageStore store = RocksImageStore.open(temp.resolve("seed"), new TestClock())) {
      IMAGE.into(store);
    }
    seed = node("seed", null).status().addresses().getFirst();
  }

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private Node node(String name, @Nullable InetSocketAddress http) {
    return node(name, http, OriginConfig.OFF);
  }

  private Node node(String name, @Nullable InetSocketAddress http, OriginConfig origin) {
    NodeConfig config =
        new NodeConfig(
                temp.resolve(name), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), null, "test")
            .withHttp(http)
            .with(origin);
    Node node = Node.open(config);
    running.add(node);
    node.startDaemon();
    return node;
  }

  private Node withGateway() {
    return node("b", new InetSocketAddress("127.0.0.1", 0));
  }

  private static InetSocketAddress address(Node node) {
    return HttpAddress.parse(Objects.requireNonNull(node.status().http())).orElseThrow();
  }

  private static String metrics(Node node) throws IOException {
    try (RawHttp http = new RawHttp(address(node)).send("GET", "/metrics")) {
      return http.text(http.head());
    }
  }

  @Test
  void theExeUnitDownloadsWhatAConnectedPeerHolds() throws IOException {
    Node b = withGateway();
    b.service().find(new FindRequest(IMAGE.id().hex(), List.of(seed), null));
    ExeUnitClient client = new ExeUnitClient(address(b), PATH, attempt -> {});
    assertThat(client.download(IMAGE.id().hex())).isEqualTo(ExeUnitClient.End.DOWNLOADED);
    assertThat(client.log()).hasSize(2);
    assertThat(metrics(b))
        .contains("gvmi_fetches_total{outcome=\"complete\"} 1.0\n")
        .contains("gvmi_chunks_received_total{outcome=\"verified\"} 32.0\n")
        .contains("gvmi_chunks_received_total{outcome=\"wrong\"} 0.0\n")
        .contains("gvmi_received_bytes_total{protocol=\"chunk\"} 8388608.0\n")
        .contains("gvmi_sent_bytes_total{protocol=\"http\"} 8388608.0\n")
        .contains("gvmi_gateway_requests_total{code=\"200\"} ")
        .contains("gvmi_cache_quota_bytes +Inf\n");
  }

  @Test
  void aPrefetchAndADownloadAreOneFetch() throws Exception {
    Node b = withGateway();
    CompletableFuture<Outcome> prefetch =
        CompletableFuture.supplyAsync(
            () ->
                b.service()
                    .prefetch(
                        new PrefetchRequest(IMAGE.id().hex(), List.of(seed), null, null, null),
                        event -> {})
                    .outcome(),
            Thread.ofVirtual()::start);
    ExeUnitClient client = new ExeUnitClient(address(b), PATH, attempt -> prefetch.join());
    assertThat(client.download(IMAGE.id().hex())).isEqualTo(ExeUnitClient.End.DOWNLOADED);
    assertThat(prefetch.get()).isEqualTo(Outcome.COMPLETE);
    assertThat(b.status().receivedBytes()).isEqualTo(IMAGE.bytes().length);
  }

  private static String from(RawHttpServer origin) {
    return PATH + "?origin=" + URLEncoder.encode(origin.url("/image.gvmi"), StandardCharsets.UTF_8);
  }

  @Test
  void anImageThatNoPeerHoldsComesFromItsOriginAsItIsDownloaded() throws Exception {
    try (RawHttpServer origin = new RawHttpServer(RawHttpServer.file(IMAGE.bytes()))) {
      Node b = node("b", new InetSocketAddress("127.0.0.1", 0), new OriginConfig(null, true));
      ExeUnitClient client = new ExeUnitClient(address(b), from(origin), attempt -> {});
      assertThat(client.download(IMAGE.id().hex()))
          .as(client.log().toString())
          .isEqualTo(ExeUnitClient.End.DOWNLOADED);
      assertThat(client.log()).as("at once").hasSize(2);
      assertThat(b.status().images()).isEqualTo(1);
    }
  }

  @Test
  void aClientCannotLeadTheNodeToPrivateAddresses() throws Exception {
    try (RawHttpServer origin = new RawHttpServer(RawHttpServer.file(IMAGE.bytes()))) {
      ExeUnitClient client = new ExeUnitClient(address(withGateway()), from(origin), attempt -> {});
      assertThat(client.download(IMAGE.id().hex())).isEqualTo(ExeUnitClient.End.GAVE_UP);
      assertThat(origin.requests()).isEmpty();
    }
  }

  @Test
  void aPortInUseIsAFaultOfUsage() {
    InetSocketAddress taken = address(withGateway());
    assertThatThrownBy(() -> node("c", taken))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("cannot listen for HTTP at 127.0.0.1:" + taken.getPort())
        .hasMessageContaining("--http")
        .extracting(e -> ((ServiceException) e).kind())
        .isEqualTo(ServiceException.Kind.USAGE);
  }

  @Test
  void withoutAnAddressThereIsNoGateway() {
    assertThat(running.getFirst().status().http()).isNull();
  }
}
