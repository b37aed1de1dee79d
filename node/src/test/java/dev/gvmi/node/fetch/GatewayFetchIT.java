package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.fetch.TestSwarm.Fetcher;
import dev.gvmi.node.gateway.ExeUnitClient;
import dev.gvmi.node.gateway.GatewayServer;
import dev.gvmi.node.gateway.RawHttp;
import dev.gvmi.node.gateway.Readiness;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.registry.TestRegistry;
import dev.gvmi.node.schedule.FetchShares;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exe-unit downloads from a gateway what real peers send: slow ones, ones that leave, and ones
 * that lie.
 */
@Timeout(60)
final class GatewayFetchIT {
  private static final int MIB = 1 << 20;
  private static final TestImage IMAGE = TestImage.random(12 * MIB + 12_345, 7);
  private static final String PATH = "/image/" + IMAGE.id() + "/image.gvmi";

  @TempDir private Path temp;
  private final List<Multiaddr> peers = new CopyOnWriteArrayList<>();
  private final AtomicInteger fetches = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private TestSwarm swarm;
  private GatewayServer gateway;
  private RegistryFace registry;

  @BeforeEach
  void start() throws Exception {
    swarm = new TestSwarm(temp);
    Fetcher node = swarm.fetcher();
    registry = TestRegistry.on(temp, node.store());
    gateway =
        GatewayServer.start(
            new InetSocketAddress("127.0.0.1", 0),
            new GatewayServer.Parts(
                node.store(),
                (image, origin, reader, sink) -> {
                  fetches.incrementAndGet();
                  Wish wish = new Wish(FetchShares.Priority.TASK, reader);
                  return node.prefetcher().prefetch(image, peers, wish, sink);
                },
                registry,
                () -> "",
                () -> new Readiness(List.of(), List.of()),
                (status, bytes) -> {}));
  }

  @AfterEach
  void end() throws Exception {
    over.countDown();
    gateway.close();
    registry.close();
    swarm.end();
  }

  private ExeUnitClient exeUnit(IntConsumer beforeRetry) {
    return new ExeUnitClient(gateway.address(), PATH, beforeRetry);
  }

  private static ExeUnitClient.End download(ExeUnitClient client) {
    try {
      return client.download(IMAGE.id().hex());
    } catch (IOException e) {
      throw new UncheckedIOException(client.log().toString(), e);
    }
  }

  private static void assertDownloads(ExeUnitClient client) {
    assertThat(download(client))
        .as(client.log().toString())
        .isEqualTo(ExeUnitClient.End.DOWNLOADED);
    assertThat(client.file()).isEqualTo(IMAGE.bytes());
  }

  /** What lies behind so many bytes is served once the latch is open. */
  private FakePeer slow(int freeBytes, CountDownLatch latch) throws Exception {
    return new FakePeer(
        swarm.host("127.0.0.1"),
        IMAGE.manifest(),
        (offset, target) -> {
          if (offset >= freeBytes) {
            pause(latch);
          }
          MemoryImageStore.honest(IMAGE.bytes()).read(offset, target);
        });
  }

  private static void pause(CountDownLatch latch) {
    try {
      assertThat(latch.await(40, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(StoreException.Kind.IO, "interrupted");
    }
  }

  @Test
  void downloadsWhatASlowPeerSendsWhileItComes() throws Exception {
    CountDownLatch rest = new CountDownLatch(1);
    peers.add(slow(4 * MIB, rest).address());
    try (RawHttp http = new RawHttp(gateway.address())) {
      http.send("GET", PATH);
      assertThat(http.head().length()).isEqualTo(IMAGE.bytes().length);
      byte[] first = http.body(3 * MIB);
      assertThat(first).isEqualTo(Arrays.copyOf(IMAGE.bytes(), 3 * MIB));
      rest.countDown();
      assertThat(http.body(IMAGE.bytes().length - 3L * MIB))
          .endsWith(new byte[] {IMAGE.bytes()[IMAGE.bytes().length - 1]});
    }
    assertDownloads(exeUnit(attempt -> {}));
    assertThat(fetches).hasValue(1);
  }

  @Test
  void goesOnByRangeWhenThePeerDiedMidwayAndAnotherHasTheRest() throws Exception {
    FakePeer second = swarm.honest("127.0.0.1", IMAGE);
    CountDownLatch never = new CountDownLatch(1);
    FakePeer first = slow(6 * MIB, never);
    peers.add(first.address());
    ExeUnitClient client =
        exeUnit(attempt -> {
          peers.clear();
          peers.add(second.address());
        });
    CompletableFuture<ExeUnitClient.End> end =
        CompletableFuture.supplyAsync(() -> download(client), Thread.ofVirtual()::start);
    await().until(() -> first.sentBytes() > 4L * MIB);
    Thread.ofVirtual().start(first.host()::close);
    never.countDown();

    assertThat(end.get(50, TimeUnit.SECONDS))
        .as(client.log().toString())
        .isEqualTo(ExeUnitClient.End.DOWNLOADED);
    assertThat(client.file()).isEqualTo(IMAGE.bytes());
    assertThat(client.log())
        .as("it resumed")
        .anyMatch(line -> line.matches("GET .* bytes=[1-9][0-9]*-"));
    assertThat(second.sentBytes()).isLessThan(IMAGE.bytes().length);
  }

  @Test
  void aFalseImageIsNeverTakenForWholeAndTheTrueOneIsAfterwards() throws Exception {
    peers.add(swarm.liar("127.0.0.1", Lie.flipped(IMAGE, 3)).address());
    FakePeer honest = swarm.honest("127.0.0.1", IMAGE);
    ExeUnitClient client =
        exeUnit(attempt -> {
          if (attempt == 3) {
            peers.clear();
            peers.add(honest.address());
          }
        });
    assertDownloads(client);
    assertThat(client.log()).filteredOn(line -> line.contains("ended after")).hasSize(2);
    assertThat(client.log()).as("it began again").noneMatch(line -> line.contains("bytes="));
  }

  @Test
  void aFalseImageThatNothingElseFollowsIsNoImage() throws Exception {
    peers.add(swarm.liar("127.0.0.1", Lie.flipped(IMAGE, 3)).address());
    ExeUnitClient client = exeUnit(attempt -> {});
    assertThat(download(client)).as(client.log().toString()).isEqualTo(ExeUnitClient.End.GAVE_UP);
    assertThat(client.file().length).isLessThan(IMAGE.bytes().length);
  }

  @Test
  void aLieThatIsReplacedByTheTruthInOneFetchIsNotMixedWithIt() throws Exception {
    peers.add(swarm.liar("127.0.0.1", Lie.flipped(IMAGE, 3)).address());
    peers.add(swarm.honest("127.0.0.1", IMAGE).address());
    assertDownloads(exeUnit(attempt -> {}));
  }

  @Test
  void severalReadersOfOneImageShareOneFetch() throws Exception {
    CountDownLatch rest = new CountDownLatch(1);
    FakePeer peer = slow(2 * MIB, rest);
    peers.add(peer.address());
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ExeUnitClient client = exeUnit(attempt -> {});
      readers.add(
          CompletableFuture.runAsync(() -> assertDownloads(client), Thread.ofVirtual()::start));
    }
    await().until(() -> peer.sentBytes() > MIB);
    rest.countDown();
    for (CompletableFuture<Void> reader : readers) {
      reader.get(50, TimeUnit.SECONDS);
    }
    assertThat(fetches).hasValue(1);
    assertThat(peer.sentBytes()).isEqualTo(IMAGE.bytes().length);
  }

  @Test
  void whatNobodyHasIsGivenUpAfterThreeAttempts() {
    ExeUnitClient client = exeUnit(attempt -> {});
    assertThat(download(client)).isEqualTo(ExeUnitClient.End.GAVE_UP);
    assertThat(client.file()).isEmpty();
  }
}
