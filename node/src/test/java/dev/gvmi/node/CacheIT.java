package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.rules.Quota;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.PinRequest;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that keep to a quota, with real files. Each image has a megabyte. */
@Timeout(120)
final class CacheIT {
  private static final int IMAGES = 6;
  private static final List<TestImage> ALL =
      IntStream.range(0, IMAGES).mapToObj(n -> TestImage.random(1_000_000, n + 10)).toList();

  @TempDir private static Path seeds;
  @TempDir private Path temp;
  private final List<Node> running = new ArrayList<>();
  private Path cache;
  private List<String> peers;

  @BeforeAll
  static void holdAll() throws IOException {
    try (ImageStore store = RocksImageStore.open(seeds, new TestClock())) {
      for (TestImage image : ALL) {
        store.adopt(Files.write(store.newImportFile(), image.bytes()), image.proof());
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    cache = Files.createDirectories(temp.resolve("exe-unit/cache"));
    peers = List.of(node(seeds, Quota.NONE).status().addresses().getFirst());
  }

  @AfterEach
  void closeAll() {
    running.reversed().forEach(Node::close);
  }

  private Node node(Path dataDir, Quota quota) {
    NodeConfig config =
        new NodeConfig(dataDir, List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), cache, "test")
            .with(new ResourceLimits(quota, RateLimit.NONE, RateLimit.NONE));
    Node node = Node.open(config);
    running.add(node);
    node.startDaemon();
    return node;
  }

  private Node node(long quotaBytes) {
    return node(temp.resolve("b"), new Quota(quotaBytes));
  }

  private PrefetchResult prefetch(Node node, int image) {
    return node.service()
        .prefetch(new PrefetchRequest(hex(image), peers, null, null, null), event -> {});
  }

  private void fetch(Node node, int... images) {
    for (int image : images) {
      PrefetchResult result = prefetch(node, image);
      assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.COMPLETE);
      assertThat(node.status().cache().usedBytes()).isLessThanOrEqualTo(quota(node));
    }
  }

  private static long quota(Node node) {
    Long quota = node.status().cache().quotaBytes();
    assertThat(quota).isNotNull();
    return quota;
  }

  private static String hex(int image) {
    return ALL.get(image).id().hex();
  }

  private Path placed(int image) {
    return cache.resolve(hex(image) + "_" + hex(image));
  }

  private static List<String> held(Node node) {
    return node.service().list().stream().map(ImageSummary::image).toList();
  }

  private static void assertHolds(Node node, int... images) {
    assertThat(held(node))
        .containsExactlyInAnyOrderElementsOf(IntStream.of(images).mapToObj(CacheIT::hex).toList());
  }

  private static void pin(Node node, int image, boolean pinned) {
    NodeService service = node.service();
    assertThat(service.pin(new PinRequest(hex(image), pinned)).outcome())
        .isEqualTo(Outcome.COMPLETE);
  }

  /** 3.3 MB: at 3.135 images go until there are 2.805. */
  @Test
  void theLeastRecentlyUsedImageMakesRoomWithItsNameInTheCache() {
    Node b = node(3_300_000);
    fetch(b, 0, 1, 2);
    assertHolds(b, 0, 1, 2);
    fetch(b, 0);
    assertThat(placed(1)).exists();

    fetch(b, 3);

    assertHolds(b, 0, 3);
    assertThat(placed(1)).doesNotExist();
    assertThat(placed(2)).doesNotExist();
    assertThat(placed(0)).exists();
    assertThat(b.status().cache().reservedBytes()).isZero();
  }

  @Test
  void pinnedImagesStayAlsoAfterARestartWithASmallerQuota() {
    Node b = node(10_000_000);
    fetch(b, 0, 1, 2, 3);
    pin(b, 0, true);
    pin(b, 1, true);
    pin(b, 1, false);
    running.remove(b);
    b.close();

    Node again = node(2_500_000);
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(held(again)).hasSize(2));
    assertThat(held(again)).contains(hex(0)).doesNotContain(hex(2));
    assertThat(again.service().list())
        .filteredOn(ImageSummary::pinned)
        .extracting(ImageSummary::image)
        .containsExactly(hex(0));
    fetch(again, 4);
    assertHolds(again, 0, 4);
  }

  @Test
  void anImageThatCannotFitIsRefusedBeforeAByteIsFetched() {
    Node b = node(2_500_000);
    fetch(b, 0, 1);
    pin(b, 0, true);
    pin(b, 1, true);
    long received = b.status().receivedBytes();

    PrefetchResult result = prefetch(b, 2);

    assertThat(result.outcome()).isEqualTo(Outcome.NO_SPACE);
    assertThat(result.message())
        .contains("the quota is 2500000 bytes, of which 200")
        .contains("are pinned, 0 in use and 0 reserved")
        .doesNotContain("\n");
    assertThat(b.status().receivedBytes()).isEqualTo(received);
    assertHolds(b, 0, 1);
    pin(b, 0, false);
    fetch(b, 2);
    assertHolds(b, 1, 2);
  }

  @Test
  void anImageThatATaskIsDeployedFromIsNotEvicted() throws IOException {
    Node b = node(2_500_000);
    fetch(b, 0, 1);
    Path activity = Files.createDirectories(temp.resolve("exe-unit/work/agreement/activity"));
    Files.writeString(
        activity.resolve("deployment.json"), "{\"task_package\":\"" + placed(0) + "\"}");

    fetch(b, 2);

    assertHolds(b, 0, 2);
    assertThat(placed(0)).exists();
    assertThat(placed(1)).doesNotExist();
  }

  @Test
  void aPinOfWhatIsNotHeldIsNotFound() {
    Node b = node(2_500_000);
    assertThat(b.service().pin(new PinRequest(hex(0), true)).outcome())
        .isEqualTo(Outcome.NOT_FOUND);
  }
}
