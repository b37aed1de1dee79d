package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.wire.ChunkAnswer;
import dev.gvmi.protocol.wire.ChunkAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real hosts on real sockets, real stores; the liars differ in what they read only. */
final class PrefetcherIT {
  private static final int MIB = 1 << 20;
  private static final TestImage IMAGE = TestImage.random(20 * MIB + 12_345, 1);

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();

  /** What was told; notes only. */
  private static final class Notes implements ProgressSink {
    final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void progress(FetchProgress progress) {
      assertThat(progress.doneBytes()).isBetween(0L, progress.totalBytes());
    }

    @Override
    public void note(String line) {
      lines.add(line);
    }
  }

  private record Fetcher(Host host, ImageStore store, Prefetcher prefetcher) {}

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private Host host() throws IOException {
    Host host =
        closing(
            Libp2pHost.create(
                new HostConfig(
                    HostKey.generate(new SecureRandom()),
                    List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")),
                    "test/1",
                    HostLimits.DEFAULT)));
    host.start();
    return host;
  }

  private static Multiaddr address(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  private ImageStore store() throws IOException {
    Path dataDir = Files.createTempDirectory(folder, "node");
    return closing(RocksImageStore.open(dataDir, InstantSource.system()));
  }

  private Fetcher fetcher() throws IOException {
    ImageStore store = store();
    Host host = host();
    SwarmServer.register(host, store);
    Prefetcher prefetcher =
        closing(
            new Prefetcher(
                new Prefetcher.Parts(
                    host,
                    store,
                    new Prefetcher.Hashing(new ScalarSegmentHasher(), new ScalarSha256()),
                    RandomGenerator.of("L64X128MixRandom"))));
    return new Fetcher(host, store, prefetcher);
  }

  private Host peer(ImageStore store) throws IOException {
    Host host = host();
    SwarmServer.register(host, store);
    return host;
  }

  private Host seeder() throws IOException {
    return peer(new MemoryImageStore(IMAGE.manifest(), MemoryImageStore.honest(IMAGE.bytes())));
  }

  private static void assertWhole(FetchOutcome outcome) throws IOException {
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    FetchOutcome.Complete complete = (FetchOutcome.Complete) outcome;
    assertThat(Files.readAllBytes(complete.image().file())).isEqualTo(IMAGE.bytes());
    long fetched = complete.sourceBytes().values().stream().mapToLong(Long::longValue).sum();
    assertThat(fetched).isEqualTo(IMAGE.bytes().length);
  }

  @Test
  void fetchesFromTwoSeedersAtOnce() throws Exception {
    Host a = seeder();
    Host b = seeder();
    Fetcher c = fetcher();
    FetchOutcome outcome =
        c.prefetcher.prefetch(IMAGE.id(), List.of(address(a), address(b)), new Notes());
    assertWhole(outcome);
    assertThat(((FetchOutcome.Complete) outcome).sourceBytes())
        .containsOnlyKeys(a.id().toString(), b.id().toString());
  }

  @Test
  void completesFromTwoPeersThatHaveHalfEach() throws Exception {
    ImageStore even = store();
    ImageStore odd = store();
    PartialImage evenPart = even.openPartial(IMAGE.manifest());
    PartialImage oddPart = odd.openPartial(IMAGE.manifest());
    for (int i = 0; i < IMAGE.chunkCount(); i++) {
      (i % 2 == 0 ? evenPart : oddPart).write(IMAGE.chunk(i));
    }
    Fetcher c = fetcher();
    FetchOutcome outcome =
        c.prefetcher.prefetch(
            IMAGE.id(), List.of(address(peer(even)), address(peer(odd))), new Notes());
    assertWhole(outcome);
  }

  /**
   * Of a peer with gaps every chunk is a request of its own: what is queued is bounded by bytes,
   * not by requests.
   */
  @Test
  void aServerQueuesAsManySmallRequestsAsFitIntoItsBytes() throws Exception {
    Host server = seeder();
    Host client = host();
    client.dial(address(server), Duration.ofSeconds(10));
    try (Stream stream = client.newStream(server.id(), Duration.ofSeconds(10), Protocols.CHUNK)) {
      int count = IMAGE.chunkCount() - 1;
      for (int i = 0; i < count; i++) {
        LengthPrefixed.write(stream, new ChunkAsk(i + 1, IMAGE.manifest().id(), i, 1).encode());
      }
      ByteBuffer chunk = ByteBuffer.allocate(Geometry.CHUNK_BYTES);
      for (int i = 0; i < count; i++) {
        ChunkAnswer answer = ChunkAnswer.decode(LengthPrefixed.read(stream, 65_536));
        assertThat(answer.status()).isEqualTo(ChunkAnswer.Status.OK);
        LengthPrefixed.readFully(stream, chunk.clear().limit(answer.lengthBytes()));
      }
      assertThat(count).isGreaterThan(64);
    }
  }

  @Test
  void whatIsBeingFetchedIsServedToOthers() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger reads = new AtomicInteger();
    MemoryImageStore.Source source = MemoryImageStore.honest(IMAGE.bytes());
    Host slow =
        peer(
            new MemoryImageStore(
                IMAGE.manifest(),
                (offset, target) -> {
                  if (reads.incrementAndGet() > 32) {
                    awaitQuietly(release);
                  }
                  source.read(offset, target);
                }));
    Fetcher c = fetcher();
    CompletableFuture<FetchOutcome> first = inBackground(c, address(slow));
    await().until(() -> c.store.partial(IMAGE.id()).map(p -> p.chunkCount() > 2).orElse(false));

    Fetcher d = fetcher();
    CompletableFuture<FetchOutcome> second = inBackground(d, address(c.host));
    await().until(() -> d.store.partial(IMAGE.id()).map(p -> p.chunkCount() > 2).orElse(false));
    release.countDown();
    assertWhole(first.get(30, TimeUnit.SECONDS));
    assertWhole(second.get(30, TimeUnit.SECONDS));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CompletableFuture<FetchOutcome> inBackground(Fetcher fetcher, Multiaddr... peers) {
    CompletableFuture<FetchOutcome> outcome = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            outcome.complete(fetcher.prefetcher.prefetch(IMAGE.id(), List.of(peers), new Notes()));
          } catch (InterruptedException | RuntimeException e) {
            outcome.completeExceptionally(e);
          }
        });
    return outcome;
  }

  @Test
  void dropsThePeerThatSendsWrongBytesAndCompletesFromTheOther() throws Exception {
    Host liar = peer(new MemoryImageStore(IMAGE.manifest(), PrefetcherIT::zeros));
    Host honest = seeder();
    Notes notes = new Notes();
    Fetcher c = fetcher();
    assertWhole(c.prefetcher.prefetch(IMAGE.id(), List.of(address(liar), address(honest)), notes));
    assertThat(notes.lines)
        .anyMatch(line -> line.contains(liar.id().toString()) && line.contains("wrong bytes"));
  }

  private static void zeros(long offset, ByteBuffer target) {
    target.position(target.limit());
  }

  @Test
  void keepsNothingOfAPeerThatSendsWrongBytesOnly() throws Exception {
    Host liar = peer(new MemoryImageStore(IMAGE.manifest(), PrefetcherIT::zeros));
    Fetcher c = fetcher();
    FetchOutcome outcome = c.prefetcher.prefetch(IMAGE.id(), List.of(address(liar)), new Notes());
    assertThat(outcome).isInstanceOf(FetchOutcome.Incomplete.class);
    assertThat(c.store.images()).isEmpty();
    assertThat(c.store.partial(IMAGE.id()).orElseThrow().chunkCount()).isZero();
  }

  @Test
  void goesOnWithWhatCameWhenTheOnlyPeerHangsUpHalfway() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    MemoryImageStore.Source source = MemoryImageStore.honest(IMAGE.bytes());
    CompletableFuture<Host> self = new CompletableFuture<>();
    Host leaving =
        peer(
            new MemoryImageStore(
                IMAGE.manifest(),
                (offset, target) -> {
                  if (reads.incrementAndGet() > 40) {
                    Thread.ofVirtual().start(() -> self.join().close());
                    throw new IllegalStateException("gone");
                  }
                  source.read(offset, target);
                }));
    self.complete(leaving);
    Fetcher c = fetcher();
    FetchOutcome outcome =
        c.prefetcher.prefetch(IMAGE.id(), List.of(address(leaving)), new Notes());
    assertThat(outcome).isInstanceOf(FetchOutcome.Incomplete.class);
    int kept = c.store.partial(IMAGE.id()).orElseThrow().chunkCount();
    assertThat(kept).isBetween(1, 40);

    FetchOutcome again = c.prefetcher.prefetch(IMAGE.id(), List.of(address(seeder())), new Notes());
    assertThat(again).isInstanceOf(FetchOutcome.Complete.class);
    long fetched =
        ((FetchOutcome.Complete) again)
            .sourceBytes().values().stream().mapToLong(Long::longValue).sum();
    assertThat(fetched).isLessThan(IMAGE.bytes().length);
  }

  @Test
  void saysThatNobodyHoldsAnUnknownImage() throws Exception {
    Fetcher c = fetcher();
    FetchOutcome outcome =
        c.prefetcher.prefetch(
            TestImage.random(10, 99).id(), List.of(address(seeder())), new Notes());
    assertThat(outcome).isInstanceOf(FetchOutcome.NotFound.class);
    assertThat(((FetchOutcome.NotFound) outcome).reason()).contains("does not hold it");
    assertThat(c.store.partials()).isEmpty();
  }

  @Test
  void saysThatThePeerIsNotThere() throws Exception {
    Host gone = seeder();
    Multiaddr address = address(gone);
    gone.close();
    FetchOutcome outcome = fetcher().prefetcher.prefetch(IMAGE.id(), List.of(address), new Notes());
    assertThat(outcome).isInstanceOf(FetchOutcome.NotFound.class);
    assertThat(((FetchOutcome.NotFound) outcome).reason()).contains("cannot connect");
  }

  @Test
  void aManifestOfOtherBytesIsFoundOutByTheFullHash() throws Exception {
    TestImage other = TestImage.random(IMAGE.bytes().length, 2);
    Manifest lie = claiming(other.manifest(), IMAGE);
    Host liar = peer(new MemoryImageStore(lie, MemoryImageStore.honest(other.bytes())));
    Fetcher c = fetcher();
    FetchOutcome outcome = c.prefetcher.prefetch(IMAGE.id(), List.of(address(liar)), new Notes());
    assertThat(outcome).isInstanceOf(FetchOutcome.VerificationFailed.class);
    assertThat(c.store.images()).isEmpty();
    assertThat(c.store.partials()).isEmpty();
  }

  @Test
  void falseCheckpointsCostNoByte() throws Exception {
    Host odd =
        peer(
            new MemoryImageStore(
                IMAGE.withFalseCheckpoint(), MemoryImageStore.honest(IMAGE.bytes())));
    Fetcher c = fetcher();
    FetchOutcome outcome = c.prefetcher.prefetch(IMAGE.id(), List.of(address(odd)), new Notes());
    assertWhole(outcome);
    assertThat(((FetchOutcome.Complete) outcome).image().manifest().id())
        .isEqualTo(IMAGE.manifest().id());
  }

  /** The manifest of one image under the name of another of the same size. */
  private static Manifest claiming(Manifest manifest, TestImage name) {
    byte[] bytes = new byte[manifest.geometry().manifestBytes()];
    manifest.bytes().get(bytes);
    byte[] digest = name.id().digest();
    int at = indexOf(bytes, manifest.image().digest());
    System.arraycopy(digest, 0, bytes, at, digest.length);
    return Manifest.parse(ByteBuffer.wrap(bytes));
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new IllegalArgumentException("not in it");
  }

  @Test
  void anInterruptEndsTheFetchAndKeepsWhatCame() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger reads = new AtomicInteger();
    MemoryImageStore.Source source = MemoryImageStore.honest(IMAGE.bytes());
    Host stalling =
        peer(
            new MemoryImageStore(
                IMAGE.manifest(),
                (offset, target) -> {
                  if (reads.incrementAndGet() > 40) {
                    awaitQuietly(never);
                  }
                  source.read(offset, target);
                }));
    Fetcher c = fetcher();
    CompletableFuture<FetchOutcome> outcome = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                outcome.complete(
                    c.prefetcher.prefetch(IMAGE.id(), List.of(address(stalling)), new Notes()));
              } catch (InterruptedException e) {
                outcome.completeExceptionally(e);
              }
            });
    await().until(() -> c.store.partial(IMAGE.id()).map(p -> p.chunkCount() > 2).orElse(false));
    thread.interrupt();
    assertThatThrownBy(() -> outcome.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    never.countDown();
    assertThat(c.store.partial(IMAGE.id()).orElseThrow().chunkCount()).isPositive();
  }
}
