package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.FindResult;
import dev.gvmi.node.control.NodeService.HolderSummary;
import dev.gvmi.node.control.NodeService.NetworkStatus;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PeerSummary;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.discovery.DiscoveryConfig;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Nodes that know one address find who holds an image. Nobody is named. */
@Isolated("who is heard of in time depends on what else runs")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class DiscoveryIT {
  private static final TestImage IMAGE = TestImage.random(3_000_000, 42);

  /** Many more chunks than are asked for before those who ask know of each other. */
  private static final TestImage LARGE = TestImage.random(9_000_000, 43);

  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();
  private Node bootstrap;

  @BeforeEach
  void startBootstrap() {
    bootstrap = daemon("bootstrap", List.of(), DhtRole.SERVER);
  }

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private Node node(String name, List<Multiaddr> listen, List<Multiaddr> known, DhtRole dht) {
    Node node =
        Node.open(
            new NodeConfig(temp.resolve(name), listen, null, "test")
                .with(new DiscoveryConfig(known, dht, false)));
    running.add(node);
    return node;
  }

  private Node daemon(String name, List<Multiaddr> known, DhtRole dht) {
    Node node = node(name, List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), known, dht);
    node.startDaemon();
    return node;
  }

  private Node daemon(String name) {
    return daemon(name, List.of(address(bootstrap)), DhtRole.AUTO);
  }

  private Node passing(String name) {
    return node(name, List.of(), List.of(address(bootstrap)), DhtRole.AUTO);
  }

  private static Multiaddr address(Node node) {
    return Multiaddr.parse(node.status().addresses().getFirst());
  }

  private void hold(String name) throws IOException {
    hold(name, IMAGE);
  }

  private void hold(String name, TestImage image) throws IOException {
    try (ImageStore store = RocksImageStore.open(temp.resolve(name), new TestClock())) {
      store.adopt(Files.write(store.newImportFile(), image.bytes()), image.proof());
    }
  }

  /** A daemon that holds the image, and has announced it in the DHT. */
  private Node holder(String name) throws IOException {
    hold(name);
    Node holder = daemon(name);
    await().atMost(LONG).until(() -> network(holder).announcedImages() == 1);
    return holder;
  }

  private static NetworkStatus network(Node node) {
    return Objects.requireNonNull(node.status().network());
  }

  private static PrefetchResult prefetch(Node node) {
    return prefetch(node, IMAGE);
  }

  private static PrefetchResult prefetch(Node node, TestImage image) {
    return node.service()
        .prefetch(
            new PrefetchRequest(image.id().hex(), List.of(), null, LONG, "none"), event -> {});
  }

  private static FindResult find(Node node) {
    return node.service().find(new FindRequest(IMAGE.id().hex(), List.of(), null));
  }

  @Test
  void aHolderIsFoundByTheDhtThoughNobodyIsNamed() throws Exception {
    Node holder = holder("holder");
    PrefetchResult result = prefetch(passing("fetcher"));
    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.sources()).containsOnlyKeys(holder.status().peerId());
  }

  @Test
  void whatWasFetchedIsAnnouncedAndFetchedFromThere() throws Exception {
    Node holder = holder("holder");
    Node second = daemon("second");
    assertThat(prefetch(second).outcome()).isEqualTo(Outcome.COMPLETE);
    await().atMost(LONG).until(() -> network(second).announcedImages() == 1);
    holder.close();

    PrefetchResult result = prefetch(passing("fetcher"));

    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.sources()).containsOnlyKeys(second.status().peerId());
  }

  @Test
  void connectedPeersAreToldWhatIsHereAndWhatIsNotAnyMore() throws Exception {
    Node watcher = daemon("watcher");
    Node holder = holder("holder");
    await().atMost(LONG).until(() -> network(bootstrap).heardOfImages() == 1);
    holder.service().remove(new RemoveRequest(IMAGE.id().hex(), "none"));
    await().atMost(LONG).until(() -> network(bootstrap).heardOfImages() == 0);
    assertThat(find(watcher).holders()).isEmpty();
  }

  @Test
  void findTellsWhoHoldsItAndHowItWasFound() throws Exception {
    Node holder = holder("holder");
    FindResult result = find(passing("asking"));
    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    HolderSummary found = result.holders().getFirst();
    assertThat(result.holders()).hasSize(1);
    assertThat(found.peerId()).isEqualTo(holder.status().peerId());
    assertThat(found.foundBy())
        .as("its record, or what it tells who asks it for records")
        .isIn("dht", "announced");
    assertThat(found.complete()).isTrue();
    assertThat(found.roundTripMicros()).isPositive();
    assertThat(result.asked()).as("bootstrap and holder").isEqualTo(2);
  }

  @Test
  void anImageThatNobodyHasIsNotFoundInAFewSeconds() {
    PrefetchResult result = prefetch(passing("fetcher"));
    assertThat(result.outcome()).isEqualTo(Outcome.NOT_FOUND);
    assertThat(result.elapsedMs()).isLessThan(15_000);
    assertThat(find(daemon("asking")).outcome()).isEqualTo(Outcome.NOT_FOUND);
  }

  @Test
  void aProviderThatIsGoneOrHasDroppedTheImageIsAMiss() throws Exception {
    Node gone = holder("gone");
    Node dropped = holder("dropped");
    dropped.service().remove(new RemoveRequest(IMAGE.id().hex(), "none"));
    gone.close();
    PrefetchResult result = prefetch(passing("fetcher"));
    assertThat(result.outcome()).isEqualTo(Outcome.NOT_FOUND);
    assertThat(result.elapsedMs()).isLessThan(15_000);
  }

  @Test
  void goodPeersAreRememberedAndDialledAfterARestartWithoutBootstrap() throws Exception {
    Node holder = holder("holder");
    Node fetcher = daemon("fetcher");
    assertThat(prefetch(fetcher).outcome()).isEqualTo(Outcome.COMPLETE);
    fetcher.close();

    Node again = daemon("fetcher", List.of(), DhtRole.AUTO);

    await()
        .atMost(LONG)
        .until(() ->
            again.service().peers().stream()
                .map(PeerSummary::peerId)
                .toList()
                .contains(holder.status().peerId()));
    assertThat(again.service().peers())
        .allSatisfy(peer -> assertThat(peer.foundBy()).isIn("remembered", "connected", "dht"));
  }

  @Test
  void aHolderThatComesDuringTheSearchIsUsed() throws Exception {
    hold("late");
    Node fetcher = daemon("fetcher");
    var fetch =
        java.util.concurrent.CompletableFuture.supplyAsync(() -> {
          PrefetchResult result = prefetch(fetcher);
          while (result.outcome() == Outcome.NOT_FOUND) {
            result = prefetch(fetcher);
          }
          return result;
        });
    daemon("late");
    assertThat(fetch.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void aHolderTellsOfAnotherOne() throws Exception {
    hold("a");
    Node a = daemon("a", List.of(), DhtRole.OFF);
    hold("b");
    Node b = daemon("b", List.of(address(a)), DhtRole.OFF);
    await().atMost(LONG).until(() -> network(a).heardOfImages() == 1);
    Node fetcher = daemon("fetcher", List.of(address(a)), DhtRole.OFF);
    await().atMost(LONG).until(() -> network(fetcher).heardOfImages() == 1);
    assertThat(prefetch(fetcher).outcome()).isEqualTo(Outcome.COMPLETE);
    await()
        .atMost(LONG)
        .until(() ->
            fetcher.service().peers().stream()
                .anyMatch(peer -> peer.peerId().equals(b.status().peerId())));
    assertThat(fetcher.service().peers())
        .filteredOn(peer -> peer.peerId().equals(b.status().peerId()))
        .extracting(PeerSummary::foundBy)
        .containsExactly("swarm");
  }

  /**
   * The seeder knows of neither when they come, and tells each of the other once it has something.
   */
  @Test
  void thoseWhoFetchTogetherLearnOfEachOtherAndShare() throws Exception {
    hold("seeder", LARGE);
    NodeConfig slow =
        new NodeConfig(
                temp.resolve("seeder"),
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")),
                null,
                "test/1")
            .with(new ResourceLimits(Quota.NONE, new RateLimit(1_200_000), RateLimit.NONE))
            .with(new DiscoveryConfig(List.of(), DhtRole.OFF, false));
    Node seeder = Node.open(slow);
    running.add(seeder);
    seeder.startDaemon();
    Node a = daemon("a", List.of(address(seeder)), DhtRole.OFF);
    Node b = daemon("b", List.of(address(seeder)), DhtRole.OFF);
    await().atMost(LONG).until(() -> network(a).heardOfImages() + network(b).heardOfImages() == 2);

    var first =
        CompletableFuture.supplyAsync(
            () -> prefetch(a, LARGE), task -> Thread.ofVirtual().start(task));
    PrefetchResult second = prefetch(b, LARGE);

    assertThat(second.outcome()).as(second.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(first.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.COMPLETE);
    long shared =
        first.get().sources().getOrDefault(b.status().peerId(), 0L)
            + second.sources().getOrDefault(a.status().peerId(), 0L);
    assertThat(shared).as("from each other").isGreaterThan(LARGE.bytes().length / 3);
  }
}
