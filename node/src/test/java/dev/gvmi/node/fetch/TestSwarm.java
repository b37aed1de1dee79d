package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.cache.Space;
import dev.gvmi.node.discovery.HolderFinder;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Real hosts on loopback, each on the address it is given: 127.a.b.c and 127.a.b.d are one IP
 * group. The test ends all with {@link #end}.
 */
final class TestSwarm {
  private static final Duration DIAL = Duration.ofSeconds(10);

  private final Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();

  TestSwarm(Path folder) {
    this.folder = folder;
  }

  /** A node that fetches; it serves what it has, too. */
  record Fetcher(Host host, ImageStore store, Prefetcher prefetcher, Path dataDir, Notes notes) {
    /** Connects to peers that are not named to {@link #prefetch}. */
    void connect(FakePeer... peers) throws IOException {
      for (FakePeer peer : peers) {
        host.dial(peer.address(), DIAL);
      }
    }

    FetchOutcome prefetch(ImageId image, FakePeer... named) throws InterruptedException {
      List<Multiaddr> addresses = Arrays.stream(named).map(FakePeer::address).toList();
      return prefetcher.prefetch(image, addresses, notes);
    }
  }

  /** What was told. */
  static final class Notes implements ProgressSink {
    final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void progress(FetchProgress progress) {
      if (progress.doneBytes() < 0 || progress.doneBytes() > progress.totalBytes()) {
        throw new IllegalArgumentException("impossible progress: " + progress);
      }
    }

    @Override
    public void note(String line) {
      lines.add(line);
    }

    /** How many manifests were tried to the end and found false. */
    long falseManifests() {
      return lines.stream().filter(line -> line.contains("do not hash to")).count();
    }
  }

  Host host(String ip) throws IOException {
    Host host =
        closing(
            Libp2pHost.create(
                new HostConfig(
                    HostKey.generate(new SecureRandom()),
                    List.of(Multiaddr.parse("/ip4/" + ip + "/tcp/0")),
                    "test/1",
                    HostLimits.DEFAULT)));
    host.start();
    return host;
  }

  Fetcher fetcher() throws IOException {
    return fetcher(store -> Space.of(() -> Long.MAX_VALUE));
  }

  Fetcher fetcher(LongSupplier freeBytes) throws IOException {
    return fetcher(store -> Space.of(freeBytes));
  }

  Fetcher fetcher(Function<ImageStore, Space> space) throws IOException {
    Path dataDir = Files.createTempDirectory(folder, "node");
    ImageStore store = closing(RocksImageStore.open(dataDir, InstantSource.system()));
    Host host = host("127.0.0.1");
    SwarmServer.register(host, store);
    Prefetcher prefetcher =
        closing(
            new Prefetcher(
                new Prefetcher.Parts(
                    host,
                    store,
                    new Prefetcher.Hashing(new ScalarSegmentHasher(), new Batching(16)),
                    RandomGenerator.of("L64X128MixRandom"),
                    new Prefetcher.Bounds(space.apply(store), new PeerRates(System::nanoTime)),
                    InstantSource.system(),
                    HolderFinder.NONE)));
    return new Fetcher(host, store, prefetcher, dataDir, new Notes());
  }

  /** Has all of the image, and tells the truth. */
  FakePeer honest(String ip, TestImage image) throws IOException {
    return new FakePeer(host(ip), image.manifest(), MemoryImageStore.honest(image.bytes()));
  }

  /** Vouches for a lie, and serves the bytes that fit to it. */
  FakePeer liar(String ip, Lie lie) throws IOException {
    return new FakePeer(host(ip), lie.manifest(), lie.source());
  }

  /** Vouches for a lie, and delivers nothing. */
  FakePeer accomplice(String ip, Lie lie) throws IOException {
    return new FakePeer(host(ip), lie.manifest(), Lie.NOTHING);
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  void end() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }
}
