package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.control.NodeService.LimitSummary;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.rate.RateLimit;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Rates of nodes of this process. 6 MB at 3 MB/s are 2 s. */
@Isolated("it measures how long a fetch takes")
@Timeout(120)
final class RatesIT {
  private static final TestImage IMAGE = TestImage.random(6_000_000, 5);
  private static final RateLimit LIMIT = new RateLimit(3_000_000);

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private Node node(String name, RateLimit upload, RateLimit download) {
    return node(name, new ResourceLimits(Quota.NONE, upload, download));
  }

  private static ResourceLimits perPeer(RateLimit upload, RateLimit download) {
    return new ResourceLimits(
        Quota.NONE, RateLimit.NONE, RateLimit.NONE, upload, download, RateLimit.NONE);
  }

  private Node node(String name, ResourceLimits limits) {
    NodeConfig config =
        new NodeConfig(
            temp.resolve(name), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), null, "test");
    Node node = Node.open(config.with(limits));
    running.add(node);
    node.startDaemon();
    return node;
  }

  private Node seed(RateLimit upload) throws IOException {
    return seed("seed", new ResourceLimits(Quota.NONE, upload, RateLimit.NONE));
  }

  private Node seed(String name, ResourceLimits limits) throws IOException {
    try (ImageStore store = RocksImageStore.open(temp.resolve(name), new TestClock())) {
      store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    }
    return node(name, limits);
  }

  private static PrefetchResult prefetch(Node node, Node... from) {
    List<String> peers = Stream.of(from).map(seed -> seed.status().addresses().getFirst()).toList();
    PrefetchRequest request = new PrefetchRequest(IMAGE.id().hex(), peers, null, null, null);
    PrefetchResult result = node.service().prefetch(request, event -> {});
    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    return result;
  }

  /** The machine of a test may be slow: only faster than the limit is wrong, and far slower. */
  private static void assertIsOfTheLimit(PrefetchResult result) {
    assertThat(result.elapsedMs()).isBetween(1_800L, 10_000L);
  }

  @Test
  void whatIsSentKeepsToTheUploadLimit() throws IOException {
    assertIsOfTheLimit(prefetch(node("b", RateLimit.NONE, RateLimit.NONE), seed(LIMIT)));
  }

  @Test
  void whatIsAskedForKeepsToTheDownloadLimit() throws IOException {
    assertIsOfTheLimit(prefetch(node("b", RateLimit.NONE, LIMIT), seed(RateLimit.NONE)));
  }

  @Test
  void whatIsSentToOnePeerKeepsToItsLimit() throws IOException {
    Node seed = seed("seed", perPeer(LIMIT, RateLimit.NONE));
    assertIsOfTheLimit(prefetch(node("b", ResourceLimits.NONE), seed));
  }

  @Test
  void whatIsAskedOfOnePeerKeepsToItsLimitAndAnotherGivesAsMuch() throws IOException {
    RateLimit half = new RateLimit(LIMIT.bytesPerSecond() / 2);
    Node one = seed("one", ResourceLimits.NONE);
    Node other = seed("other", ResourceLimits.NONE);
    PrefetchResult result = prefetch(node("b", perPeer(RateLimit.NONE, half)), one, other);
    assertIsOfTheLimit(result);
    assertThat(result.sources().values())
        .hasSize(2)
        .allMatch(bytes -> bytes > IMAGE.bytes().length * 0.4);
  }

  @Test
  void aLimitIsChangedWhileItIsKeptTo() throws Exception {
    Node seed = seed(new RateLimit(100_000));
    Node b = node("b", RateLimit.NONE, new RateLimit(300_000));
    CompletableFuture<PrefetchResult> fetch =
        CompletableFuture.supplyAsync(() -> prefetch(b, seed));
    await().atMost(Duration.ofSeconds(30)).until(() -> b.status().receivedBytes() > 0);

    seed.service().limit(new LimitsRequest(RateLimit.NONE.bytesPerSecond(), null));
    List<LimitSummary> now = b.service().limit(new LimitsRequest(null, Long.MAX_VALUE));

    assertThat(now)
        .filteredOn(limit -> limit.unit().equals("bytes/s"))
        .hasSize(6)
        .allMatch(limit -> limit.limit() == Long.MAX_VALUE);
    assertThat(fetch.get().elapsedMs()).isLessThan(15_000);
  }
}
