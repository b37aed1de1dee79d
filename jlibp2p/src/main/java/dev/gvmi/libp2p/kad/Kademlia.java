package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.kad.routing.KadId;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadLookup;
import dev.gvmi.libp2p.kad.routing.KadNode;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.LookupGoal;
import dev.gvmi.libp2p.kad.routing.ProvideSchedule;
import dev.gvmi.libp2p.kad.routing.ProviderRecords;
import dev.gvmi.libp2p.kad.routing.ProviderStore;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a libp2p Kademlia DHT on a {@link Host}: finds providers of keys and announces this
 * host as one.
 *
 * <p>Joining goes on in the background, from the peers that are connected and from those to start
 * with, and again whenever the table has become empty. What is found is a hint: nobody vouches for
 * it.
 *
 * <p><b>Thread:</b> any. Finding blocks the caller, which should be a virtual thread, up to its
 * deadline; all else returns at once.
 *
 * <p><b>Source:</b> libp2p kad-dht specification.
 */
public final class Kademlia implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kademlia.class);
  private static final Duration REFRESH_LOOKUP = Duration.ofSeconds(20);

  /** A search soon after the start waits so long for the first peer. */
  private static final Duration JOINING = Duration.ofSeconds(2);

  private static final Duration BOOTSTRAP_DIAL = Duration.ofSeconds(10);
  private static final Duration PROVIDE_RETRY = Duration.ofSeconds(30);

  /**
   * A bucket further on holds nobody, in any network there is; keys of it would take long to find.
   */
  private static final int LAST_REFRESHED = 15;

  private final Host host;
  private final KadConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final LockedNode node;
  private final KadClient client;
  private final KadServer server;
  private final TableKeeper keeper;
  private final Announcer announcer;
  private final Semaphore lookups;
  private final Semaphore wake = new Semaphore(0);

  /** Somebody has been in the table. */
  private final CountDownLatch joined = new CountDownLatch(1);

  private final AtomicReference<KadLookups> totals = new AtomicReference<>(KadLookups.NONE);
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private final Thread upkeep;
  private volatile KadMode mode = KadMode.CLIENT;
  private volatile boolean closed;

  private Kademlia(
      Host host,
      KadConfig config,
      ProviderStore store,
      InstantSource clock,
      RandomGenerator random) {
    this.host = host;
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.node =
        new LockedNode(
            new KadNode(
                host.id(),
                config.table(),
                new ProviderRecords(config.providers(), store, clock.instant()),
                new ProvideSchedule(
                    KadId.of(host.id().toBytes()), config.provideInterval(), PROVIDE_RETRY, store),
                host::addresses));
    this.client = new KadClient(host, config.protocol(), config.limits(), clock);
    this.server = new KadServer(node, config.limits(), clock);
    this.keeper = new TableKeeper(host, config, node, client, clock, this::joined);
    this.announcer =
        new Announcer(
            node,
            client,
            clock,
            (key, limit) -> lookup(key, new LookupGoal.Closest(), limit, provider -> {}).closest(),
            wake::release);
    this.lookups = new Semaphore(config.limits().lookups());
    this.upkeep = Thread.ofVirtual().name("kad-upkeep").unstarted(this::keepUp);
  }

  /**
   * Takes part from now on; returns before it has joined. Keys of the store are provided again,
   * each in its time.
   *
   * @param random draws the keys by which buckets are refreshed; used by one thread
   */
  public static Kademlia start(
      Host host,
      KadConfig config,
      ProviderStore store,
      KadMode mode,
      InstantSource clock,
      RandomGenerator random) {
    Kademlia kademlia = new Kademlia(host, config, store, clock, random);
    kademlia.mode(mode);
    host.addConnectionListener(kademlia.keeper);
    kademlia.keeper.takeIn();
    kademlia.upkeep.start();
    return kademlia;
  }

  public KadMode mode() {
    return mode;
  }

  /** Changes the part that this node takes; connected peers are told. */
  public synchronized void mode(KadMode wanted) {
    if (closed || wanted == mode) {
      return;
    }
    mode = wanted;
    switch (wanted) {
      case SERVER -> host.handle(config.protocol(), server);
      case CLIENT -> {
        host.unhandle(config.protocol());
        server.stop();
      }
    }
  }

  public KadStatus status() {
    return node.get(n ->
        new KadStatus(
            mode,
            n.table().size(),
            n.records().size(),
            n.provided().size(),
            announcer.announced()));
  }

  /**
   * Finds providers of a key. Each is handed to {@code found} once, as soon as somebody tells of
   * it, on the caller's thread.
   *
   * <p>Of the records that are kept here, half of {@code wanted} count at most: whoever fills them
   * must not keep us from asking others.
   *
   * @param wanted the search ends early with so many
   * @return how many were found
   */
  public int findProviders(Multihash key, int wanted, Duration deadline, Consumer<KadPeer> found)
      throws InterruptedException {
    KadKey target = KadKey.of(key);
    Set<PeerId> seen = new HashSet<>();
    Consumer<KadPeer> once =
        provider -> {
          if (!provider.id().equals(host.id()) && seen.add(provider.id())) {
            found.accept(provider);
          }
        };
    KadId self = KadId.of(host.id().toBytes());
    node.get(n -> n.records().of(target, self, wanted, clock.instant())).forEach(once);
    int more = wanted - Math.min(seen.size(), wanted / 2);
    KadLookup done = lookup(target, new LookupGoal.Providers(more), deadline, once).run().lookup();
    totals.updateAndGet(sum -> sum.plus(done.asked(), done.hops()));
    return seen.size();
  }

  /** What the calls of {@link #findProviders} have taken. */
  public KadLookups lookups() {
    return totals.get();
  }

  /**
   * Finds where a peer listens. It has answered there, unless it is a client: then it is what
   * others say.
   */
  public Optional<KadPeer> findPeer(PeerId peer, Duration deadline) throws InterruptedException {
    return lookup(KadKey.of(peer), new LookupGoal.Peer(), deadline, provider -> {}).heardOf(peer);
  }

  private void joined() {
    joined.countDown();
    wake.release();
  }

  /** Right after the start nobody is known yet; whoever is there to start from will be soon. */
  private void awaitJoined(long deadline) throws InterruptedException {
    if (joined.getCount() > 0 && !(config.bootstrap().isEmpty() && host.peers().isEmpty())) {
      long left = Math.min(deadline - System.nanoTime(), JOINING.toNanos());
      boolean isIn = joined.await(left, TimeUnit.NANOSECONDS);
      LOG.trace("waited for the first peer: {}", isIn);
    }
  }

  private Result lookup(KadKey key, LookupGoal goal, Duration limit, Consumer<KadPeer> found)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    LookupRun run =
        new LookupRun(
            key,
            host.id(),
            goal,
            config.lookup(),
            new LookupRun.Parts(client, keeper, clock),
            found);
    if (closed || !lookups.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      return new Result(List.of(), run);
    }
    try {
      awaitJoined(deadline);
      List<KadPeer> seeds =
          node.get(n -> n.table().closest(key.id(), config.lookup().k(), peer -> true));
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      return new Result(run.run(seeds, left), run);
    } finally {
      lookups.release();
    }
  }

  private record Result(List<KadPeer> closest, LookupRun run) {
    private Optional<KadPeer> heardOf(PeerId peer) {
      return run.lookup().heardOf(peer);
    }
  }

  /**
   * Announces this host as a provider of the key: now, and again in each interval, also after a
   * restart.
   */
  public void provide(Multihash key) {
    node.change(n -> n.provided().add(KadKey.of(key), clock.instant()));
    wake.release();
  }

  /** Announces the key no more. What was announced is forgotten by others in its time. */
  public void stopProviding(Multihash key) {
    node.change(n -> n.provided().remove(KadKey.of(key)));
    announcer.forget(KadKey.of(key));
  }

  // ---- upkeep ----

  private void keepUp() {
    while (!closed) {
      try {
        announcer.announceDue();
        client.sweep();
        keeper.checkUnsure();
        node.change(n -> n.records().expire(clock.instant()));
        refreshInBackground();
        wake.tryAcquire(config.upkeep().toNanos(), TimeUnit.NANOSECONDS);
        wake.drainPermits();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("the DHT's upkeep failed, and goes on", e);
      }
    }
  }

  private void refreshInBackground() {
    if (refreshing.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("kad-refresh")
          .start(() -> {
            try {
              refresh();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } finally {
              refreshing.set(false);
            }
          });
    }
  }

  /**
   * Joins if the table is empty, or nobody of it answers any more; else looks up a key of each
   * bucket that has not seen any for long, its own the first.
   */
  private void refresh() throws InterruptedException {
    if (keeper.isLost() || node.get(n -> n.table().size()) == 0) {
      config.bootstrap().forEach(this::dial);
      keeper.takeIn();
      return;
    }
    KadId self = KadId.of(host.id().toBytes());
    if (node.get(n -> n.table().isStale(clock.instant()))) {
      lookup(KadKey.of(host.id()), new LookupGoal.Closest(), REFRESH_LOOKUP, provider -> {});
      node.change(n -> n.table().refreshed(clock.instant()));
    }
    for (int bucket : node.get(n -> n.table().stale(clock.instant(), LAST_REFRESHED))) {
      KadKey key = KadKey.random(self, bucket, random);
      lookup(key, new LookupGoal.Closest(), REFRESH_LOOKUP, provider -> {});
      node.change(n -> n.table().refreshed(bucket, clock.instant()));
    }
  }

  private void dial(Multiaddr address) {
    try {
      host.dial(address, BOOTSTRAP_DIAL);
    } catch (IOException e) {
      LOG.debug("bootstrap: {}", e.toString());
    }
  }

  /** Takes no part any more; waits until its requests have ended. The host stays. */
  @Override
  public void close() {
    mode(KadMode.CLIENT);
    closed = true;
    keeper.stop();
    upkeep.interrupt();
    client.close();
  }
}
