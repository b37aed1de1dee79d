package dev.gvmi.node.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.rate.RateLimit;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** One peer with eight streams, and one with one, at a server that sends 4 MB/s. */
@Isolated("it measures who gets how much")
@Timeout(60)
final class FairServingIT {
  private static final int CHUNKS = 32;
  private static final int GREEDY_STREAMS = 8;
  private static final int GREEDY_CHUNKS = 16;
  private static final TestImage IMAGE = TestImage.random(CHUNKS * Geometry.CHUNK_BYTES, 4);

  @TempDir private Path data;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Host host() throws IOException {
    Host host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()),
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")),
                "test/1",
                HostLimits.DEFAULT));
    open.add(host);
    host.start();
    return host;
  }

  /** Counts what comes. */
  private static final class Counter implements ChunkLink.Listener {
    final LongAdder bytes = new LongAdder();

    @Override
    public void holds(PeerId peer, BitSet chunks) {}

    @Override
    public ByteBuffer arrived(PeerId peer, UnverifiedChunk chunk) {
      bytes.add(chunk.bytes().remaining());
      return chunk.bytes();
    }

    @Override
    public void refused(PeerId peer, int chunk) {}

    @Override
    public void busy(PeerId peer, int chunk, Duration until) {}

    @Override
    public void ended(PeerId peer, String reason) {}
  }

  private Counter ask(Multiaddr server, int streams, int chunks) throws IOException {
    Host host = host();
    PeerId peer = host.dial(server, Duration.ofSeconds(10));
    Counter counter = new Counter();
    for (int i = 0; i < streams; i++) {
      ChunkLink link =
          ChunkLink.open(
              host, peer, IMAGE.manifest(), new BufferPool(1, Geometry.CHUNK_BYTES), counter);
      open.add(link);
      for (int first = 0; first < chunks; first += 4) {
        link.request(first, 4);
      }
    }
    return counter;
  }

  private static long awaitBytes(Counter counter, long bytes) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(30))
        .until(() -> counter.bytes.sum() >= bytes);
    return counter.bytes.sum();
  }

  @Test
  void aGreedyPeerGetsNoMoreThanAModestOne() throws IOException {
    ImageStore store = RocksImageStore.open(data, new TestClock());
    open.add(store);
    store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    Host server = host();
    PeerRates uploads = new PeerRates(System::nanoTime);
    uploads.all().limit(new RateLimit(4_000_000));
    SwarmServer.register(server, store, uploads, KnownHolders.NONE);
    Multiaddr address = server.listenAddresses().getFirst().withP2p(server.id().multihash());

    Counter greedy = ask(address, GREEDY_STREAMS, GREEDY_CHUNKS);
    Counter modest = ask(address, 1, CHUNKS);
    long modestFrom = awaitBytes(modest, 500_000);
    long greedyFrom = greedy.bytes.sum();
    long modestBytes = awaitBytes(modest, 5_500_000) - modestFrom;

    double ratio = (double) (greedy.bytes.sum() - greedyFrom) / modestBytes;
    assertThat(ratio).isBetween(0.7, 1.4);
  }
}
