package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.wire.ChunkAnswer;
import dev.gvmi.protocol.wire.ChunkAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that stand still, trickle, or do not read: real hosts on real sockets. */
@Timeout(120)
final class SlowPeersIT {
  private static final int MIB = 1 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final TestImage IMAGE = TestImage.random(40 * MIB + 777, 3);

  @TempDir Path folder;
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    over.countDown();
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

  private Host seeder(MemoryImageStore.Source source) throws IOException {
    Host host = host();
    SwarmServer.register(host, new MemoryImageStore(IMAGE.manifest(), source));
    return host;
  }

  private static Multiaddr address(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  private static MemoryImageStore.Source honest() {
    return MemoryImageStore.honest(IMAGE.bytes());
  }

  /** Serves the head of every request, and then nothing until the test is over. */
  private MemoryImageStore.Source standing() {
    return (offset, target) -> {
      if (offset % Geometry.CHUNK_BYTES != 0) {
        rest(Duration.ofHours(1));
      }
      honest().read(offset, target);
    };
  }

  /** A piece each second: it never stands still for long, and never delivers anything in time. */
  private MemoryImageStore.Source trickling() {
    return (offset, target) -> {
      rest(Duration.ofSeconds(9));
      honest().read(offset, target);
    };
  }

  private void rest(Duration time) {
    try {
      over.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private FetchOutcome fetch(List<Multiaddr> peers) throws Exception {
    ImageStore store = closing(RocksImageStore.open(folder, InstantSource.system()));
    Prefetcher prefetcher =
        closing(
            new Prefetcher(
                new Prefetcher.Parts(
                    host(),
                    store,
                    new Prefetcher.Hashing(new ScalarSegmentHasher(), new ScalarSha256()),
                    RandomGenerator.getDefault())));
    return prefetcher.prefetch(IMAGE.id(), peers, new QuietSink());
  }

  private static final class QuietSink implements ProgressSink {
    @Override
    public void progress(FetchProgress progress) {
      assertThat(progress.doneBytes()).isLessThanOrEqualTo(progress.totalBytes());
    }

    @Override
    public void note(String line) {
      assertThat(line).isNotBlank();
    }
  }

  /** More of them than a fetch once had buffers: each holds back its own request only. */
  @Test
  void fortyPeersThatStandStillOrTrickleHoldNothingUp() throws Exception {
    List<Multiaddr> peers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      peers.add(address(seeder(standing())));
      peers.add(address(seeder(trickling())));
    }
    peers.add(address(seeder(honest())));
    FetchOutcome outcome = fetch(peers);
    assertThat(outcome).isInstanceOf(FetchOutcome.Complete.class);
    assertThat(((FetchOutcome.Complete) outcome).wastedBytes()).isLessThan(8L * MIB);
  }

  @Test
  void requestersThatDoNotReadKeepNobodyWaiting() throws Exception {
    Host seeder = seeder(honest());
    for (int i = 0; i < 10; i++) {
      Host greedy = host();
      greedy.dial(address(seeder), LIMIT);
      for (int s = 0; s < 8; s++) {
        Stream stream = closing(greedy.newStream(seeder.id(), LIMIT, Protocols.CHUNK));
        LengthPrefixed.write(stream, new ChunkAsk(1, IMAGE.manifest().id(), 0, 4).encode());
      }
    }
    assertThat(fetch(List.of(address(seeder)))).isInstanceOf(FetchOutcome.Complete.class);
  }

  @Test
  void whoAsksForMoreThanIsQueuedForAPeerIsToldToComeAgain() throws Exception {
    Host seeder = seeder(honest());
    Host client = host();
    client.dial(address(seeder), LIMIT);
    int requests = 60;
    int busy = 0;
    try (Stream stream = client.newStream(seeder.id(), LIMIT, Protocols.CHUNK)) {
      for (int i = 0; i < requests; i++) {
        LengthPrefixed.write(
            stream, new ChunkAsk(i + 1, IMAGE.manifest().id(), (i * 4) % 160, 4).encode());
      }
      ByteBuffer chunk = ByteBuffer.allocate(Geometry.CHUNK_BYTES);
      for (int i = 0; i < requests * 4; i++) {
        ChunkAnswer answer = ChunkAnswer.decode(LengthPrefixed.read(stream, 65_536));
        if (answer.status() == ChunkAnswer.Status.BUSY) {
          assertThat(answer.retryMillis()).isPositive();
          busy++;
        } else {
          assertThat(answer.status()).isEqualTo(ChunkAnswer.Status.OK);
          LengthPrefixed.readFully(stream, chunk.clear().limit(answer.lengthBytes()));
        }
      }
      // 32 MiB of 60: what was sent before the last was asked for made room again
      assertThat(busy).isPositive().isLessThanOrEqualTo(4 * requests - 128);
      LengthPrefixed.write(stream, new ChunkAsk(1000, IMAGE.manifest().id(), 0, 1).encode());
      assertThat(ChunkAnswer.decode(LengthPrefixed.read(stream, 65_536)).status())
          .isEqualTo(ChunkAnswer.Status.OK);
    }
  }
}
