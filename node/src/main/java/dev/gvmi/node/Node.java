package dev.gvmi.node;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.kad.KadStatus;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.audit.ImageAuditor;
import dev.gvmi.node.cache.CacheKeeper;
import dev.gvmi.node.config.HttpAddress;
import dev.gvmi.node.control.ControlServer;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.NodeService.CacheUsage;
import dev.gvmi.node.control.NodeService.NetworkStatus;
import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.delta.DeltaMaker;
import dev.gvmi.node.discovery.DhtRole;
import dev.gvmi.node.discovery.Discovery;
import dev.gvmi.node.discovery.DiscoveryStatus;
import dev.gvmi.node.fetch.Prefetcher;
import dev.gvmi.node.gateway.GatewayServer;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.metrics.NodeMetrics;
import dev.gvmi.node.origin.NameLookup;
import dev.gvmi.node.origin.OriginLimits;
import dev.gvmi.node.origin.Origins;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.registry.RegistryState;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.WantedNames;
import dev.gvmi.node.runtime.hook.HookWatcher;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.rocksdb.RocksStores;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.node.warmup.WarmUp;
import dev.gvmi.protocol.sha256.LaneSha256;
import dev.gvmi.protocol.sha256.ScalarSha256;
import dev.gvmi.protocol.sha3.LaneSegmentHasher;
import dev.gvmi.protocol.sha3.OneLaneHasher;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node of this process: it holds the data directory, serves what it has once {@link #startDaemon}
 * was called, and does what {@link #service} is asked.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Errors:</b> {@link ServiceException} with the one line for the user.
 */
public final class Node implements AutoCloseable {
  private static final String RANDOM = "L64X128MixRandom";

  /** The start, and a command that waited for it, have the processors first. */
  private static final Duration MEASURE_AFTER = Duration.ofSeconds(10);

  /** How long a command without a daemon may take longer for the delta index of what it brought. */
  private static final Duration ONE_SHOT = Duration.ofSeconds(10);

  private final NodeConfig config;
  private final ImageStore store;
  private final Host host;
  private final CacheKeeper cache;
  private final SwarmServer server;
  private final Discovery discovery;
  private final Prefetcher prefetcher;
  private final Origins origins;
  private final DeltaMaker deltas;
  private final RegistryState pushes;
  private final Publisher publisher;
  private final LocalService service;
  private final NodeMetrics metrics;
  private final Gateways gateways;
  private final CacheUpkeep upkeep;
  private final FastestHasher hasher;
  private final FastestSha256 sha256;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final long startNanos = System.nanoTime();
  private volatile @Nullable ControlServer control;
  private volatile @Nullable GatewayServer gateway;
  private volatile @Nullable RegistryFace registry;
  private volatile @Nullable HookWatcher hook;
  private volatile @Nullable WarmUp warmUp;

  private Node(NodeConfig config, RocksStores stores, HostKey key) {
    this.config = config;
    this.store = stores.images();
    this.host =
        Libp2pHost.create(new HostConfig(key, config.listen(), config.agent(), HostLimits.DEFAULT));
    Fastest.Measuring measuring =
        new Fastest.Measuring(
            inTurn("measure-hashing"), System::nanoTime, Fastest.MEASURE_AFTER_BYTES);
    this.hasher =
        new FastestHasher(
            new ScalarSegmentHasher(),
            LaneSegmentHasher::candidate,
            OneLaneHasher::candidate,
            measuring);
    this.sha256 = new FastestSha256(new ScalarSha256(), LaneSha256::candidate, measuring);
    this.discovery =
        new Discovery(
            new Discovery.Parts(
                host,
                store,
                stores.providers(),
                stores.peers(),
                InstantSource.system(),
                RandomGenerator.of(RANDOM)),
            config.discovery());
    Rates rates = new Rates(config.limits());
    PlacedFiles placed = new PlacedFiles(config.dataDir());
    WantedNames wanted = new WantedNames(config.dataDir());
    CacheNames names = new CacheNames(placed, wanted);
    this.pushes = RegistryState.open(config.dataDir());
    this.cache =
        new CacheKeeper(
            config.limits().quota(),
            new CacheContents(store, placed, pushes, discovery::completeHolders, config.dataDir()),
            new Eviction(store, names, config.runtimeCache()));
    this.server = SwarmServer.register(host, store, rates.uploads(), discovery::records);
    this.prefetcher =
        new Prefetcher(
            new Prefetcher.Parts(
                host,
                store,
                new Prefetcher.Hashing(hasher, sha256),
                RandomGenerator.of(RANDOM),
                new Prefetcher.Bounds(cache, rates.downloads(), rates.origins(), rates.warmUps()),
                InstantSource.system(),
                discovery));
    this.deltas = new DeltaMaker(store);
    this.origins =
        new Origins(config.origin(), OriginLimits.DEFAULT, NameLookup.SYSTEM, config.agent());
    this.metrics =
        new NodeMetrics(
            new Readings(this::status),
            new NodeMetrics.Totals(
                prefetcher::receivedBytes,
                server::sentBytes,
                prefetcher::verifiedChunks,
                prefetcher::wrongChunks));
    Flights flights = new Flights(prefetcher, metrics);
    this.gateways = new Gateways(store, flights, origins, config.dataDir(), this::status);
    Placer placer =
        new Placer(config.runtimeCaches(), !config.listen().isEmpty(), wanted, placed, cache);
    this.upkeep =
        new CacheUpkeep(
            store, placer, placed, wanted, config.runtimeCaches(), InstantSource.system());
    this.publisher = new Publisher(store, hasher, cache);
    this.service =
        new LocalService(
            store,
            flights,
            publisher,
            placer,
            new LocalService.Upkeep(
                new Verification(store, new ImageAuditor(hasher), flights, placer, placed),
                new Removal(store, flights, placer, names),
                new PeerList(host, discovery::foundBy, prefetcher::blame),
                new HolderList(host, discovery),
                new Pins(store, cache),
                new LimitList(host, HostLimits.DEFAULT, rates),
                new Resolver(origins)),
            this::status,
            this::close);
  }

  /**
   * Takes the data directory; makes it, and the identity in it, where they are missing. Listens on
   * nothing yet.
   */
  public static Node open(NodeConfig config) {
    try {
      RocksStores stores = RocksStores.open(config.dataDir(), InstantSource.system());
      try {
        return new Node(config, stores, Identity.of(config.dataDir()));
      } catch (RuntimeException e) {
        stores.images().close();
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
    startGateway();
    try {
      control = ControlServer.start(config.dataDir(), service, stopAsked::countDown);
    } catch (IOException e) {
      throw ServiceFaults.of(StoreException.of("open the control port", e));
    }
    startHook();
    upkeep.start(cache::trim);
    deltas.wake();
    NodeLog.started(host.id().toString(), addresses());
    if (config.discovery().dht() != DhtRole.OFF && discovery.knowsNobody()) {
      NodeLog.knowsNobody();
    }
    discovery.start();
    store.auditable().stream()
        .filter(image -> store.image(image).isEmpty())
        .forEach(image -> NodeLog.notServed(image.hex()));
    measureAhead();
    warmUp = WarmUp.start(config.warmUp(), service::bring);
  }

  /** A thread of its own, while there is something to do. */
  private static Executor inTurn(String name) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name(name).daemon().factory());
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /**
   * Once the start is over, and before the first task: the JIT takes longer for vectors than a
   * fetch for a GiB.
   */
  private void measureAhead() {
    CompletableFuture.delayedExecutor(MEASURE_AFTER.toSeconds(), TimeUnit.SECONDS)
        .execute(() -> {
          if (!closed.get()) {
            hasher.measureAside();
            sha256.measureAside();
          }
        });
  }

  private void startGateway() {
    InetSocketAddress listen = config.http();
    if (listen == null) {
      return;
    }
    try {
      RegistryFace face = startRegistry();
      registry = face;
      GatewayServer started = GatewayServer.start(listen, gateways.parts(metrics, face));
      gateway = started;
      NodeLog.servesHttp(HttpAddress.text(started.address()));
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          e.getMessage() + "; choose another address with --http, or none",
          e);
    }
  }

  private RegistryFace startRegistry() {
    try {
      return RegistryFace.start(
          new RegistryFace.Parts(
              config.dataDir(),
              pushes,
              store,
              publisher,
              cache,
              origins.registry().orElse(null),
              InstantSource.system()),
          config.registry());
    } catch (StoreException e) {
      throw ServiceFaults.of(e);
    }
  }

  /** Without it the runtime does as it always did. */
  private void startHook() {
    try {
      hook = HookWatcher.start(config.dataDir(), this::gatewayAddress, InstantSource.system());
    } catch (IOException e) {
      NodeLog.noHook(e.toString());
    }
  }

  /**
   * Where this node serves images to the runtime by HTTP; empty if it does not, and the hook leaves
   * agreements as they are.
   */
  private Optional<InetSocketAddress> gatewayAddress() {
    return Optional.ofNullable(gateway).map(GatewayServer::address);
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
    long held = store.images().stream().mapToLong(StoredImage::sizeBytes).sum();
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
        cacheUsage(),
        false,
        network(),
        http());
  }

  private @Nullable String http() {
    GatewayServer running = gateway;
    return running == null ? null : HttpAddress.text(running.address());
  }

  private NetworkStatus network() {
    DiscoveryStatus found = discovery.status();
    Optional<KadStatus> dht = found.dht();
    return new NetworkStatus(
        dht.map(kad -> kad.mode().name().toLowerCase(Locale.ROOT)).orElse(null),
        dht.map(KadStatus::peers).orElse(0),
        dht.map(KadStatus::records).orElse(0),
        dht.map(KadStatus::announced).orElse(0),
        found.heardOf(),
        found.remembered());
  }

  private CacheUsage cacheUsage() {
    CacheKeeper.Usage usage = cache.usage();
    return new CacheUsage(
        usage.quota().isNone() ? null : usage.quota().bytes(),
        usage.usedBytes(),
        usage.reservedBytes());
  }

  private List<String> addresses() {
    return host.listenAddresses().stream()
        .map(address -> address.withP2p(host.id().multihash()))
        .map(Multiaddr::toString)
        .toList();
  }

  /**
   * What a command without a daemon fetched or published is of use for the next version only if its
   * delta index is made before the command ends.
   */
  private void finishDeltas() {
    try {
      deltas.finish(ONE_SHOT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends what runs, keeps what has come, and gives the data directory free. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    GatewayServer http = gateway;
    if (http != null) {
      http.close();
    }
    RegistryFace face = registry;
    if (face != null) {
      face.close();
    }
    WarmUp bringing = warmUp;
    if (bringing != null) {
      bringing.close();
    }
    upkeep.close();
    HookWatcher answering = hook;
    if (answering != null) {
      answering.close();
    }
    ControlServer running = control;
    if (running != null) {
      running.close();
    }
    discovery.close();
    host.close();
    prefetcher.close();
    origins.close();
    if (running == null) {
      finishDeltas();
    }
    deltas.close();
    store.close();
    if (running != null) {
      NodeLog.stopped();
    }
  }
}
