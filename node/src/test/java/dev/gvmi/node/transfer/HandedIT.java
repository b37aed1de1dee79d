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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one peer asks for, another is told of, on real sockets. */
@Timeout(60)
final class HandedIT {
  private static final int CHUNKS = 16;
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

  private static final class Hearing implements ChunkLink.Listener {
    private final BitSet handed = new BitSet();
    private int held;
    private int handedBeforeHeld;

    @Override
    public synchronized void holds(PeerId peer, BitSet chunks) {
      if (held == 0) {
        handedBeforeHeld = handed.cardinality();
      }
      held = chunks.cardinality();
    }

    @Override
    public synchronized void handed(PeerId peer, BitSet chunks) {
      handed.or(chunks);
    }

    synchronized BitSet handed() {
      return (BitSet) handed.clone();
    }

    synchronized int handedBeforeHeld() {
      return held == 0 ? -1 : handedBeforeHeld;
    }

    @Override
    public ByteBuffer arrived(PeerId peer, UnverifiedChunk chunk) {
      return chunk.bytes();
    }

    @Override
    public void refused(PeerId peer, int chunk) {}

    @Override
    public void busy(PeerId peer, int chunk, Duration until) {}

    @Override
    public void ended(PeerId peer, String reason) {}
  }

  private ChunkLink link(Multiaddr server, Hearing hearing) throws IOException {
    Host host = host();
    PeerId peer = host.dial(server, Duration.ofSeconds(10));
    BufferPool buffers = new BufferPool(1, Geometry.CHUNK_BYTES);
    ChunkLink link = ChunkLink.open(host, peer, IMAGE.manifest(), buffers, hearing);
    open.add(link);
    return link;
  }

  private static void awaitHanded(Hearing hearing, int chunks) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(10))
        .until(() -> hearing.handed().cardinality() == chunks);
  }

  @Test
  void whatOneAsksForAnotherIsToldOfBeforeItAsks() throws IOException {
    ImageStore store = RocksImageStore.open(data, new TestClock());
    open.add(store);
    store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    Host server = host();
    SwarmServer.register(server, store);
    Multiaddr address = server.listenAddresses().getFirst().withP2p(server.id().multihash());

    Hearing first = new Hearing();
    ChunkLink asking = link(address, first);
    asking.request(8, 4);
    awaitHanded(first, 4);
    Hearing second = new Hearing();
    link(address, second);
    await().atMost(Duration.ofSeconds(10)).until(() -> second.handedBeforeHeld() >= 0);
    assertThat(second.handedBeforeHeld()).isEqualTo(4);

    asking.request(2, 1);
    awaitHanded(second, 5);
    BitSet expected = new BitSet();
    expected.set(8, 12);
    expected.set(2);
    assertThat(second.handed()).isEqualTo(expected);
  }
}
