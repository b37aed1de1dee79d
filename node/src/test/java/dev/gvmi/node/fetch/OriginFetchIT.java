package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.origin.AddressRules;
import dev.gvmi.node.origin.NameLookup;
import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.origin.OriginClient;
import dev.gvmi.node.origin.OriginLimits;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.origin.RawHttpServer;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP servers on loopback, honest ones and others, with peers and without. */
final class OriginFetchIT {
  private static final int MIB = 1 << 20;
  private static final TestImage IMAGE = TestImage.random(9 * MIB + 12_345, 7);
  private static final int SIZE = IMAGE.bytes().length;
  private static final long MAX_BYTES = 64L * MIB;

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private TestSwarm swarm = new TestSwarm(Path.of("."));

  @BeforeEach
  void begin() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void end() throws Exception {
    swarm.end();
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private RawHttpServer server(RawHttpServer.Handler handler) throws IOException {
    return closing(new RawHttpServer(handler));
  }

  private Origin origin(RawHttpServer server) {
    return origin(server, OriginLimits.DEFAULT.withBodyBytes(MAX_BYTES));
  }

  private Origin origin(RawHttpServer server, OriginLimits limits) {
    OriginClient client =
        closing(new OriginClient(limits, AddressRules.PRIVATE_TOO, NameLookup.SYSTEM, "test/1"));
    OriginUrl url = OriginUrl.parse(server.url("/image.gvmi"));
    return new Origin(client, () -> url, url.toString(), true);
  }

  private static FetchOutcome fetch(TestSwarm.Fetcher fetcher, Origin origin, FakePeer... peers)
      throws InterruptedException {
    List<Multiaddr> addresses = Arrays.stream(peers).map(FakePeer::address).toList();
    return fetcher
        .prefetcher()
        .prefetch(IMAGE.id(), addresses, Wish.WHOLE.from(origin), fetcher.notes());
  }

  private static FetchOutcome.Complete complete(FetchOutcome outcome) {
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    return (FetchOutcome.Complete) outcome;
  }

  private static void holdsTheImage(StoredImage image) {
    ByteBuffer read = ByteBuffer.allocate(SIZE);
    image.read(0, read);
    assertThat(read.array()).isEqualTo(IMAGE.bytes());
    assertThat(image.manifest()).isEqualTo(IMAGE.manifest());
  }

  /** Not a byte of it, and no file that was on the way. */
  private static void holdsNothing(TestSwarm.Fetcher fetcher) throws IOException {
    assertThat(fetcher.store().image(IMAGE.id())).isEmpty();
    assertThat(fetcher.store().partial(IMAGE.id())).isEmpty();
    try (Stream<Path> files = Files.walk(fetcher.dataDir())) {
      assertThat(files.filter(f -> f.toString().endsWith(".tmp") || f.toString().endsWith(".gvmi")))
          .isEmpty();
    }
  }

  private static String wrong(FetchOutcome outcome) {
    assertThat(outcome).isInstanceOf(FetchOutcome.VerificationFailed.class);
    return ((FetchOutcome.VerificationFailed) outcome).reason();
  }

  private static String notFound(FetchOutcome outcome) {
    assertThat(outcome).isInstanceOf(FetchOutcome.NotFound.class);
    return ((FetchOutcome.NotFound) outcome).reason();
  }

  @Test
  void originAloneIsEnoughAndItsImageIsServed() throws Exception {
    RawHttpServer server = server(RawHttpServer.file(IMAGE.bytes()));
    TestSwarm.Fetcher first = swarm.fetcher();
    FetchOutcome.Complete done = complete(fetch(first, origin(server)));
    holdsTheImage(done.image());
    assertThat(done.sourceBytes()).containsOnlyKeys("origin").containsValue((long) SIZE);
    assertThat(server.requests()).hasSize(1);

    TestSwarm.Fetcher second = swarm.fetcher();
    Multiaddr seeder =
        first.host().listenAddresses().getFirst().withP2p(first.host().id().multihash());
    FetchOutcome.Complete again =
        complete(second.prefetcher().prefetch(IMAGE.id(), List.of(seeder), second.notes()));
    holdsTheImage(again.image());
    assertThat(again.sourceBytes()).containsOnlyKeys(first.host().id().toString());
  }

  @Test
  void lengthNeedNotBeAnnounced() throws Exception {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK");
          out.write(IMAGE.bytes());
        });
    holdsTheImage(complete(fetch(swarm.fetcher(), origin(server))).image());
  }

  @Test
  void brokenConnectionIsMadeAgainAndGoesOnWhereItWas() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    RawHttpServer server =
        server((request, out) -> {
          if (connections.getAndIncrement() == 0) {
            RawHttpServer.head(out, "200 OK", "Content-Length: " + SIZE, "ETag: \"one\"");
            out.write(IMAGE.bytes(), 0, 3 * MIB);
          } else {
            RawHttpServer.file(IMAGE.bytes()).answer(request, out);
          }
        });
    FetchOutcome.Complete done = complete(fetch(swarm.fetcher(), origin(server)));
    holdsTheImage(done.image());
    RawHttpServer.Request again = server.requests().getLast();
    assertThat(again.header("range")).hasValue("bytes=" + 3 * MIB + "-");
    assertThat(again.header("if-range")).hasValue("\"one\"");
  }

  @Test
  void serverWithoutRangesIsReadFromTheStartAgain() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: " + SIZE);
          boolean breaks = connections.getAndIncrement() == 0;
          out.write(IMAGE.bytes(), 0, breaks ? 3 * MIB : SIZE);
        });
    holdsTheImage(complete(fetch(swarm.fetcher(), origin(server))).image());
    assertThat(connections).hasValue(2);
  }

  @Test
  void otherBytesAreNotKept() throws Exception {
    byte[] other = IMAGE.bytes().clone();
    other[5 * MIB] ^= 1;
    RawHttpServer server = server(RawHttpServer.file(other));
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    assertThat(wrong(fetch(fetcher, origin(server)))).contains("does not hash to");
    holdsNothing(fetcher);
  }

  @Test
  void lengthThatIsTooShortIsNotKept() throws Exception {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: " + 4 * MIB);
          out.write(IMAGE.bytes());
        });
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    wrong(fetch(fetcher, origin(server)));
    holdsNothing(fetcher);
  }

  @Test
  void lengthThatIsTooLongIsFoundOut() throws Exception {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: " + 2 * SIZE);
          out.write(IMAGE.bytes());
        });
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    assertThat(wrong(fetch(fetcher, origin(server))))
        .contains("announces " + 2 * SIZE)
        .contains("only " + SIZE);
    holdsNothing(fetcher);
  }

  @Test
  void lengthThatIsTooLongIsFoundOutByARangeThatIsNotThere() throws Exception {
    RawHttpServer server =
        server((request, out) -> {
          if (request.from() > 0) {
            RawHttpServer.text(out, "416 Range Not Satisfiable", "");
          } else {
            RawHttpServer.head(out, "200 OK", "Content-Length: " + 2 * SIZE);
            out.write(IMAGE.bytes());
          }
        });
    assertThat(wrong(fetch(swarm.fetcher(), origin(server)))).contains("announces");
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void bodyThatNeverEndsIsGivenUp() throws Exception {
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK");
          endless(out);
        });
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    Origin origin = origin(server, OriginLimits.DEFAULT.withBodyBytes(20L * MIB));
    assertThat(wrong(fetch(fetcher, origin))).contains("more than");
    holdsNothing(fetcher);
  }

  private static void endless(OutputStream out) throws IOException {
    while (true) {
      out.write(IMAGE.bytes());
    }
  }

  @Test
  void whatAServerRefusesIsToldAtOnce() throws Exception {
    RawHttpServer server = server((request, out) -> RawHttpServer.text(out, "404 Not Found", "no"));
    assertThat(notFound(fetch(swarm.fetcher(), origin(server)))).contains("status 404");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void serverThatFailsIsAskedAFewTimes() throws Exception {
    RawHttpServer server = server((request, out) -> RawHttpServer.text(out, "500 Oops", "no"));
    assertThat(notFound(fetch(swarm.fetcher(), origin(server)))).contains("status 500");
    assertThat(server.requests()).hasSize(OriginStream.MAX_SILENT);
  }

  @Test
  void imageThatIsTooLargeForTheDiskIsNotBegun() throws Exception {
    RawHttpServer server = server(RawHttpServer.file(IMAGE.bytes()));
    TestSwarm.Fetcher fetcher = swarm.fetcher(() -> SIZE);
    assertThatThrownBy(() -> fetch(fetcher, origin(server)))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.NO_SPACE));
    holdsNothing(fetcher);
  }

  @Test
  void interruptEndsItAndLeavesNothing() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    RawHttpServer server =
        server((request, out) -> {
          RawHttpServer.head(out, "200 OK", "Content-Length: " + SIZE);
          out.write(IMAGE.bytes(), 0, MIB);
          out.flush();
          begun.countDown();
          awaitOpen(end);
        });
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    Origin origin = origin(server);
    Thread thread =
        Thread.ofVirtual()
            .start(() ->
                assertThatThrownBy(() -> fetch(fetcher, origin))
                    .isInstanceOf(InterruptedException.class));
    begun.await();
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
    end.countDown();
    holdsNothing(fetcher);
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends slowly until the latch opens. */
  private static RawHttpServer.Handler slowly(byte[] bytes, CountDownLatch enough, int stallAfter) {
    return (request, out) -> {
      if (request.header("range").isPresent()) {
        RawHttpServer.file(bytes).answer(request, out);
        return;
      }
      RawHttpServer.head(out, "200 OK", "Content-Length: " + bytes.length, "ETag: \"one\"");
      out.write(bytes, 0, stallAfter);
      out.flush();
      awaitOpen(enough);
      out.write(bytes, stallAfter, bytes.length - stallAfter);
    };
  }

  @Test
  void originHelpsPeersByRangesAndWhatItSentInOrderCounts() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    RawHttpServer server = server(slowly(IMAGE.bytes(), never, 2 * MIB));
    FakePeer peer = swarm.honest("127.1.0.1", IMAGE);
    FetchOutcome.Complete done = complete(fetch(swarm.fetcher(), origin(server), peer));
    never.countDown();
    holdsTheImage(done.image());
    assertThat(done.sourceBytes().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(SIZE);
    assertThat(done.sourceBytes()).containsKey("origin");
    assertThat(server.mostConnections())
        .isLessThanOrEqualTo(OriginLimits.DEFAULT.connectionsPerOrigin());
  }

  @Test
  void fetchGoesOnWithTheOriginAloneWhenAllPeersLeave() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    RawHttpServer server = server(slowly(IMAGE.bytes(), never, MIB));
    FakePeer peer =
        new FakePeer(
            swarm.host("127.1.0.1"),
            IMAGE.manifest(),
            (offset, target) -> {
              throw new StoreException(StoreException.Kind.IO, "gone");
            });
    FetchOutcome.Complete done = complete(fetch(swarm.fetcher(), origin(server), peer));
    never.countDown();
    holdsTheImage(done.image());
    assertThat(done.sourceBytes()).containsOnlyKeys("origin");
  }

  @Test
  void originWithOtherBytesIsLeftOutAndPeersBringTheImage() throws Exception {
    byte[] other = new byte[SIZE];
    CountDownLatch never = new CountDownLatch(1);
    RawHttpServer server = server(slowly(other, never, 3 * MIB));
    FakePeer peer = swarm.honest("127.1.0.1", IMAGE);
    FetchOutcome.Complete done = complete(fetch(swarm.fetcher(), origin(server), peer));
    never.countDown();
    holdsTheImage(done.image());
    assertThat(done.sourceBytes()).doesNotContainKey("origin");
  }

  @Test
  void falseManifestOfPeersDoesNotKeepTheOriginOut() throws Exception {
    Lie lie = Lie.random(IMAGE, SIZE, 5);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger whole = new AtomicInteger();
    RawHttpServer.Handler slow = slowly(IMAGE.bytes(), never, MIB);
    RawHttpServer server =
        server((request, out) -> {
          boolean again = request.header("range").isEmpty() && whole.getAndIncrement() > 0;
          (again ? RawHttpServer.file(IMAGE.bytes()) : slow).answer(request, out);
        });
    FakePeer liar = swarm.liar("127.1.0.1", lie);
    FetchOutcome.Complete done = complete(fetch(swarm.fetcher(), origin(server), liar));
    never.countDown();
    holdsTheImage(done.image());
    assertThat(done.sourceBytes()).containsOnlyKeys("origin");
  }

  @Test
  void whatComesInOrderCanBeReadOnTheWay() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    RawHttpServer server = server(slowly(IMAGE.bytes(), read, MIB));
    TestSwarm.Fetcher fetcher = swarm.fetcher();
    List<Arriving> shown = new ArrayList<>();
    ProgressSink sink =
        new ProgressSink() {
          @Override
          public void progress(FetchProgress progress) {
            if (!shown.isEmpty() && shown.getFirst().availableBytes(0) >= MIB) {
              read.countDown();
            }
          }

          @Override
          public void note(String line) {}

          @Override
          public void arriving(Arriving image) {
            shown.add(image);
          }
        };
    complete(
        fetcher
            .prefetcher()
            .prefetch(IMAGE.id(), List.of(), Wish.WHOLE.from(origin(server)), sink));
    assertThat(read.await(1, TimeUnit.SECONDS)).isTrue();
    Arriving image = shown.getFirst();
    assertThat(image.sizeBytes()).isEqualTo(SIZE);
    ByteBuffer target = ByteBuffer.allocate(100);
    image.read(Geometry.CHUNK_BYTES, target);
    assertThat(target.array())
        .isEqualTo(
            Arrays.copyOfRange(IMAGE.bytes(), Geometry.CHUNK_BYTES, Geometry.CHUNK_BYTES + 100));
  }
}
