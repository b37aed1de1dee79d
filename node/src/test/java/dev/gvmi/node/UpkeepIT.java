package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PeerSummary;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.control.NodeService.PrefetchResult;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.control.NodeService.RemoveResult;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import dev.gvmi.node.control.NodeService.VerifyResult;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verification, repair and removal between nodes of this process. */
@Timeout(120)
final class UpkeepIT {
  private static final TestImage IMAGE = TestImage.random(5_000_000, 7);

  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();
  private Path cache;

  @BeforeEach
  void makeCache() throws IOException {
    cache = Files.createDirectories(temp.resolve("exe-unit/cache"));
  }

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private void hold(String name) throws IOException {
    try (ImageStore store = RocksImageStore.open(temp.resolve(name), new TestClock())) {
      store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    }
  }

  private Node node(String name) {
    Node node =
        Node.open(
            new NodeConfig(
                temp.resolve(name),
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")),
                cache,
                "test"));
    running.add(node);
    node.startDaemon();
    return node;
  }

  private List<String> seed() throws IOException {
    hold("seed");
    return List.of(node("seed").status().addresses().getFirst());
  }

  private Path file(String name) {
    return TestFiles.image(temp.resolve(name), IMAGE);
  }

  private Path placed() {
    return cache.resolve(IMAGE.id() + "_" + IMAGE.id());
  }

  private static VerifyResult verify(NodeService service, List<String> peers) {
    return service.verify(new VerifyRequest(IMAGE.id().hex(), peers, null), event -> {});
  }

  private static PrefetchResult prefetch(NodeService service, List<String> peers) {
    return service.prefetch(
        new PrefetchRequest(IMAGE.id().hex(), peers, null, null, null), event -> {});
  }

  private static RemoveResult remove(NodeService service) {
    return service.remove(new RemoveRequest(IMAGE.id().hex(), null));
  }

  /** Held and placed; the test is skipped where placing makes no hard link. */
  private NodeService withHardLink() throws IOException {
    hold("b");
    NodeService b = node("b").service();
    assertThat(prefetch(b, List.of()).outcome()).isEqualTo(Outcome.COMPLETE);
    assumeThat(Files.isSameFile(placed(), file("b"))).as("placed by hard link").isTrue();
    return b;
  }

  @Test
  void aSoundImageIsSound() throws IOException {
    hold("b");
    VerifyResult result = verify(node("b").service(), List.of());
    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.repaired()).isFalse();
    assertThat(result.chunks()).isEqualTo(IMAGE.chunkCount());
  }

  @Test
  void damagedChunksAreFetchedAgainAndNothingElse() throws IOException {
    List<String> peers = seed();
    hold("b");
    NodeService b = node("b").service();
    TestFiles.flipByte(file("b"), 300_000);
    TestFiles.flipByte(file("b"), 3_000_000);

    VerifyResult result = verify(b, peers);

    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.damagedChunks()).isEqualTo(2);
    assertThat(result.repaired()).isTrue();
    assertThat(result.sources().values()).containsExactly(2L * (256 << 10));
    assertThat(file("b")).hasBinaryContent(IMAGE.bytes());
    assertThat(verify(b, List.of()).damagedChunks()).isZero();
    assertThat(b.peers())
        .singleElement()
        .extracting(PeerSummary::images)
        .isEqualTo(List.of(IMAGE.id().hex()));
  }

  @Test
  void whatIsPlacedIsReplacedByTheRepairedFile() throws IOException {
    List<String> peers = seed();
    NodeService b = withHardLink();
    TestFiles.flipByte(file("b"), 300_000);

    VerifyResult result = verify(b, peers);

    assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.replaced()).containsExactly(placed().toString());
    assertThat(placed()).hasBinaryContent(IMAGE.bytes());
  }

  @Test
  void withoutAHolderTheImageIsWithdrawnHereAndInTheCache() throws IOException {
    NodeService b = withHardLink();
    TestFiles.flipByte(file("b"), 300_000);

    VerifyResult result = verify(b, List.of());

    assertThat(result.outcome()).isEqualTo(Outcome.VERIFICATION_FAILED);
    assertThat(result.message()).contains("1 of 20 chunks").contains("--peer").doesNotContain("\n");
    assertThat(placed()).doesNotExist();
    assertThat(result.removed()).containsExactly(placed().toString());
    assertThat(b.status().images()).isZero();
    assertThat(b.status().partials()).isEqualTo(1);
    assertThat(verify(b, List.of()).outcome()).isEqualTo(Outcome.NOT_FOUND);

    List<String> peers = seed();
    PrefetchResult fetched = prefetch(b, peers);
    assertThat(fetched.outcome()).as(fetched.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(fetched.sources()).containsEntry("local", IMAGE.bytes().length - (256L << 10));
    assertThat(placed()).hasBinaryContent(IMAGE.bytes());
  }

  @Test
  void aPrefetchOfADamagedImageKeepsItsGoodChunks() throws IOException {
    List<String> peers = seed();
    hold("b");
    NodeService b = node("b").service();
    TestFiles.flipByte(file("b"), 300_000);
    // Whoever looks at the file first finds the change: this prefetch when it places it, or the
    // node by itself.
    Outcome first = prefetch(b, List.of()).outcome();
    assertThat(first).isIn(Outcome.NOT_PLACED, Outcome.NOT_FOUND);

    PrefetchResult fetched = prefetch(b, peers);

    assertThat(fetched.outcome()).as(fetched.message()).isEqualTo(Outcome.COMPLETE);
    assertThat(fetched.sources()).containsEntry("local", IMAGE.bytes().length - (256L << 10));
  }

  @Test
  void aDamagedFileThatATaskIsDeployedFromStaysAndIsTold() throws IOException {
    List<String> peers = seed();
    NodeService b = withHardLink();
    Path activity = Files.createDirectories(temp.resolve("exe-unit/work/agreement/activity"));
    Files.writeString(
        activity.resolve("deployment.json"), "{\"task_package\":\"" + placed() + "\"}");
    TestFiles.flipByte(file("b"), 300_000);

    VerifyResult result = verify(b, peers);

    assertThat(result.outcome()).isEqualTo(Outcome.NOT_PLACED);
    assertThat(result.left()).singleElement().asString().contains("activity");
    assertThat(result.message()).contains(placed().toString());
    assertThat(file("b")).hasBinaryContent(IMAGE.bytes());
    assertThat(Files.mismatch(placed(), file("b"))).isEqualTo(300_000);

    assertThat(remove(b).left()).singleElement().asString().contains("activity");
    assertThat(placed()).exists();
  }

  @Test
  void removesAnImageAndItsNameInTheCache() throws IOException {
    NodeService b = withHardLink();
    Path other = Files.createFile(cache.resolve("other_" + IMAGE.id()));

    RemoveResult result = remove(b);

    assertThat(result.outcome()).isEqualTo(Outcome.COMPLETE);
    assertThat(result.removed()).containsExactly(placed().toString());
    assertThat(result.freedBytes()).isGreaterThan(IMAGE.bytes().length);
    assertThat(b.list()).isEmpty();
    assertThat(file("b")).doesNotExist();
    assertThat(placed()).doesNotExist();
    assertThat(other).exists();
    assertThat(remove(b).outcome()).isEqualTo(Outcome.NOT_FOUND);
  }

  @Test
  void aFileThatIsStillLinkedFreesNothing() throws IOException {
    NodeService b = withHardLink();
    Files.createLink(temp.resolve("mine"), file("b"));
    assertThat(remove(b).freedBytes()).isLessThan(IMAGE.bytes().length);
    assertThat(temp.resolve("mine")).hasBinaryContent(IMAGE.bytes());
  }

  @Test
  void removingAnImageThatIsBeingFetchedEndsTheFetch() throws Exception {
    hold("partly");
    Node partly = node("partly");
    TestFiles.flipByte(file("partly"), 300_000);
    assertThat(verify(partly.service(), List.of()).outcome())
        .isEqualTo(Outcome.VERIFICATION_FAILED);
    NodeService b = node("b").service();
    CompletableFuture<PrefetchResult> fetch =
        CompletableFuture.supplyAsync(
            () -> prefetch(b, List.of(partly.status().addresses().getFirst())));
    await().until(() -> b.list().stream().anyMatch(image -> image.heldBytes() > 4_000_000));

    RemoveResult removed = remove(b);

    assertThat(removed.outcome()).isEqualTo(Outcome.COMPLETE);
    assertThat(removed.freedBytes()).isGreaterThan(4_000_000);
    assertThat(fetch.get().outcome()).isEqualTo(Outcome.INCOMPLETE);
    assertThat(fetch.get().message()).contains("removed");
    assertThat(b.list()).isEmpty();
    assertThat(temp.resolve("b/partial")).isEmptyDirectory();
  }

  @Test
  void peersAreToldWithTheirConnection() throws IOException {
    List<String> peers = seed();
    NodeService b = node("b").service();
    assertThat(prefetch(b, peers).outcome()).isEqualTo(Outcome.COMPLETE);

    assertThat(b.peers())
        .singleElement()
        .satisfies(peer -> {
          assertThat(peers.getFirst()).endsWith("/p2p/" + peer.peerId()).startsWith(peer.address());
          assertThat(peer.inbound()).isFalse();
          assertThat(peer.agent()).isEqualTo("test");
          assertThat(peer.protocols()).contains("/gvmi/chunk/1.0.0");
          assertThat(peer.security()).isNotBlank();
          assertThat(peer.muxer()).isNotBlank();
          assertThat(peer.receivedBytes()).isGreaterThan(IMAGE.bytes().length);
          assertThat(peer.sentBytes()).isPositive();
          assertThat(peer.images()).containsExactly(IMAGE.id().hex());
          assertThat(peer.connectedAt()).isNotNull();
          assertThat(peer.roundTripMicros()).isPositive();
        });
    assertThat(b.limits().stream().map(NodeService.LimitSummary::name).toList())
        .containsAll(Set.of("connections", "in-flight", "windows", "heap"))
        .doesNotHaveDuplicates();
  }
}
