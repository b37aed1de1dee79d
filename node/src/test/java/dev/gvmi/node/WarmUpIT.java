package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.config.HttpAddress;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.discovery.DiscoveryConfig;
import dev.gvmi.node.origin.OriginConfig;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.rate.RateLimit;
import dev.gvmi.node.registry.GvmkitClient;
import dev.gvmi.node.registry.GvmkitClient.Source;
import dev.gvmi.node.registry.RegistryConfig;
import dev.gvmi.node.registry.TestGvmi;
import dev.gvmi.node.warmup.WarmUpConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images come before anybody asks for them: from a node that is a registry, too. */
@Timeout(120)
final class WarmUpIT {
  private static final Source OLD = new Source(TestGvmi.random(6_000_000, 21), 1 << 20);
  private static final Source NEW = new Source(TestGvmi.random(2_000_000, 22), 1 << 20);
  private static final String TAG = "user/repo:latest";
  private static final Duration OFTEN = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();
  private Node registry;

  @BeforeEach
  void startRegistry() {
    registry =
        daemon(
            config("registry", List.of(), DhtRole.SERVER)
                .withHttp(new InetSocketAddress("127.0.0.1", 0))
                .with(
                    new RegistryConfig(
                        OriginUrl.parse("http://127.0.0.1:9"), true, null, Duration.ofHours(1))));
  }

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private NodeConfig config(String name, List<Multiaddr> bootstrap, DhtRole dht) {
    return new NodeConfig(
            temp.resolve(name), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), null, "test")
        .with(new DiscoveryConfig(bootstrap, dht, false));
  }

  private Node daemon(NodeConfig config) {
    Node node = Node.open(config);
    running.add(node);
    node.startDaemon();
    return node;
  }

  private InetSocketAddress http() {
    return HttpAddress.parse(Objects.requireNonNull(registry.status().http())).orElseThrow();
  }

  private Node warmed(RateLimit limit, String... images) {
    Multiaddr known = Multiaddr.parse(registry.status().addresses().getFirst());
    OriginUrl url = OriginUrl.parse("http://127.0.0.1:" + http().getPort());
    return daemon(
        config("warmed", List.of(known), DhtRole.AUTO)
            .with(new OriginConfig(url, false))
            .with(
                new ResourceLimits(
                    Quota.NONE,
                    RateLimit.NONE,
                    RateLimit.NONE,
                    RateLimit.NONE,
                    RateLimit.NONE,
                    limit))
            .with(new WarmUpConfig(List.of(images), OFTEN)));
  }

  private void push(Source source) throws Exception {
    try (GvmkitClient client = new GvmkitClient(http())) {
      client.push(source, TAG, token());
    }
  }

  private String token() throws IOException {
    return Files.readString(temp.resolve("registry").resolve("push-token")).strip();
  }

  private static void awaitHeld(Node node, Source... sources) {
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(node.service().list())
                .filteredOn("complete", true)
                .extracting("image")
                .containsExactlyInAnyOrder(List.of(sources).stream().map(Source::sha3).toArray()));
  }

  @Test
  void aTagIsFollowedAsItMovesOn() throws Exception {
    Node node = warmed(RateLimit.NONE, TAG);
    push(OLD);
    awaitHeld(node, OLD);
    push(NEW);
    awaitHeld(node, OLD, NEW);
  }

  @Test
  void whatIsNotToBeHadKeepsNothingElseFromComing() throws Exception {
    push(OLD);
    awaitHeld(warmed(RateLimit.NONE, "nobody/has:this", "ab".repeat(28), OLD.sha3()), OLD);
  }

  @Test
  void whoeverWaitsForAnImageTakesItsSlowFetchOver() throws Exception {
    push(OLD);
    Node node = warmed(new RateLimit(200_000), OLD.sha3());
    await().atMost(LONG).until(() -> node.status().receivedBytes() > 500_000);
    long begun = node.status().receivedBytes();
    assertThat(begun).as("of 6 MB, at 0.2 MB/s").isLessThan(4_000_000);

    PrefetchResult result =
        node.service()
            .prefetch(new PrefetchRequest(OLD.sha3(), List.of(), null, LONG, "none"), event -> {});

    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.elapsedMs()).as("30 s at the rate of a warm-up").isLessThan(15_000);
    assertThat(node.status().receivedBytes())
        .as("what had come is kept")
        .isLessThan(6_000_000 + 600_000);
  }

  @Test
  void theRateIsChangedWhileItIsKeptTo() throws Exception {
    push(OLD);
    Node node = warmed(new RateLimit(50_000), OLD.sha3());
    await().atMost(LONG).until(() -> node.status().receivedBytes() > 0);
    node.service().limit(new LimitsRequest(null, null, null, null, null, Long.MAX_VALUE));
    awaitHeld(node, OLD);
  }
}
