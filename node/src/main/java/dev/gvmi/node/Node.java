package dev.gvmi.node;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.audit.ImageAuditor;
import dev.gvmi.node.control.ControlServer;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.fetch.Prefetcher;
import dev.gvmi.node.fetch.Space;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node of this process: it holds the data directory, serves what it has once {@link #startDaemon} was called, and does what {@link #service} is asked.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Errors:</b> {@link ServiceException} with the one line for the user.
 */
public final class Node implements AutoCloseable {
  private final NodeConfig config;
  private final ImageStore store;
  private final Host host;
  private final SwarmServer server;
  private final Prefetcher prefetcher;
  private final NodeService service;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final long startNanos = System.nanoTime();
  private volatile @Nullable ControlServer control;

  private Node(NodeConfig config, ImageStore store, HostKey key) {
    this.config = config;
    this.store = store;
    this.host =
        Libp2pHost.create(
            new HostConfig(key, config.listen(), config.agent(), HostLimits.DEFAULT));
    SegmentHasher hasher =
        new FastestHasher(
            new ScalarSegmentHasher(),
            LaneSegmentHasher::candidates,
            task -> Thread.ofPlatform().name("measure-hashing").daemon().start(task),
            System::nanoTime);
    this.server = SwarmServer.register(host, store);
    this.prefetcher =
        new Prefetcher(
            host,
            store,
            hasher,
            RandomGenerator.of("L64X128MixRandom"),
            Space.of(() -> config.dataDir().toFile().getUsableSpace()),
            InstantSource.system());
    Flights flights = new Flights(prefetcher);
    PlacedFiles placed = new PlacedFiles(config.dataDir());
    Placer placer = new Placer(config.runtimeCache(), placed);
    this.service =
        new LocalService(
            store,
            flights,
            new Publisher(store, hasher),
            placer,
            new LocalService.Upkeep(
                new Verification(store, new ImageAuditor(hasher), flights, placer, placed),
                new Removal(store, flights, placer, placed),
                new PeerList(host),
                new LimitList(host, HostLimits.DEFAULT)),
            this::status,
            this::close);
  }

  /** Takes the data directory; makes it, and the identity in it, where they are missing. Listens on nothing yet. */
  public static Node open(NodeConfig config) {
    try {
      ImageStore store = RocksImageStore.open(config.dataDir(), InstantSource.system());
      try {
        return new Node(config, store, Identity.of(config.dataDir()));
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
    } catch (StoreException e) {
      throw ServiceFaults.of(e);
    }
  }

  /** Listens for peers, and for commands on the control port. */
  public void startDaemon() {
    try {
      host.start();
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          e.getMessage() + "; choose another address with --listen",
          e);
    }
    try {
      control = ControlServer.start(config.dataDir(), service, stopAsked::countDown);
    } catch (IOException e) {
      throw ServiceFaults.of(StoreException.of("open the control port", e));
    }
    NodeLog.started(host.id().toString(), addresses());
    store.auditable().stream()
        .filter(image -> store.image(image).isEmpty())
        .forEach(image -> NodeLog.notServed(image.hex()));
  }

  /** Returns when a stop was asked for over the control port. */
  public void awaitStop() throws InterruptedException {
    stopAsked.await();
  }

  /** What this node does in process; closing it closes the node. */
  public NodeService service() {
    return service;
  }

  public NodeStatus status() {
    long held =
        store.images().stream().mapToLong(i -> i.manifest().geometry().sizeBytes()).sum();
    return new NodeStatus(
        host.id().toString(),
        config.agent(),
        addresses(),
        config.dataDir(),
        config.runtimeCache(),
        store.images().size(),
        store.partials().size(),
        held,
        host.peers().size(),
        prefetcher.receivedBytes(),
        server.sentBytes(),
        (System.nanoTime() - startNanos) / 1_000_000,
        false);
  }

  private List<String> addresses() {
    return host.listenAddresses().stream()
        .map(address -> address.withP2p(host.id().multihash()))
        .map(Multiaddr::toString)
        .toList();
  }

  /** Ends what runs, keeps what has come, and gives the data directory free. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    ControlServer running = control;
    if (running != null) {
      running.close();
    }
    host.close();
    prefetcher.close();
    store.close();
    if (running != null) {
      NodeLog.stopped();
    }
  }
}
