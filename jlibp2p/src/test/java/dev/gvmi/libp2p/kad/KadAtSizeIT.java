package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.SecurityChoice;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.MemoryProviderStore;
import dev.gvmi.libp2p.kad.routing.TableLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.transport.memory.MemoryFaults;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Many nodes in one process, some of which leave without a word while others join.
 *
 * <p>Runs with {@code -Dkad.nodes=200 -Dkad.keys=1000} or other numbers only.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class KadAtSizeIT {
  private static final int NODES = Integer.getInteger("kad.nodes", 30);
  private static final int KEYS = Integer.getInteger("kad.keys", 2 * NODES);
  private static final int AT_ONCE = 4;
  private static final long SEED = 7;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(6);
  private static final KadConfig CONFIG =
      KadConfig.ofPrefix("/gvmi")
          .withIntervals(Duration.ofHours(1), Duration.ofMillis(500))
          .withTable(new TableLimits(20, 2, 2, Duration.ofMinutes(10), Duration.ofMinutes(2)));

  private final Random random = new Random(SEED);
  private final SecureRandom keys = new SecureRandom();
  private final MemoryNetwork network = new MemoryNetwork(2, MemoryFaults.NONE);
  private final List<Node> nodes = new ArrayList<>();

  private record Node(Host host, Kademlia kad) {
    void stop() {
      kad.close();
      host.close();
    }
  }

  private void join() throws IOException {
    HostKey key = HostKey.generate(keys);
    Host host =
        Libp2pHost.create(
            new HostConfig(
                key,
                List.of(Multiaddr.parse("/memory/0")),
                "test/1",
                HostLimits.DEFAULT,
                List.of(SecurityChoice.NOISE)),
            List.of(new NamedTransport(network.transport(), key)));
    host.start();
    // Of the first half, which stays.
    int known = Math.min(nodes.size(), NODES / 2);
    List<Multiaddr> bootstrap =
        known == 0 ? List.of() : List.of(addressOf(nodes.get(random.nextInt(known))));
    nodes.add(
        new Node(
            host,
            Kademlia.start(
                host,
                CONFIG.withBootstrap(bootstrap),
                new MemoryProviderStore(),
                KadMode.SERVER,
                InstantSource.system(),
                new Random(random.nextLong()))));
  }

  private static Multiaddr addressOf(Node node) {
    return node.host().listenAddresses().getFirst().withP2p(node.host().id().multihash());
  }

  @AfterEach
  void stop() throws InterruptedException {
    try (ExecutorService stopping = Executors.newVirtualThreadPerTaskExecutor()) {
      nodes.forEach(node -> stopping.execute(node::stop));
    }
    network.close();
  }

  private void awaitJoined() {
    int enough = Math.min(20, NODES / 2);
    await()
        .atMost(PATIENCE)
        .until(() -> nodes.stream().allMatch(node -> node.kad().status().peers() >= enough));
  }

  @Test
  @EnabledIfSystemProperty(
      named = "kad.nodes",
      matches = "[0-9]+",
      disabledReason = "many nodes take minutes; -Dkad.nodes=200 -Dkad.keys=1000 runs them")
  void lookupsFindAHolderWhileNodesComeAndGo() throws Exception {
    for (int i = 0; i < NODES; i++) {
      join();
    }
    awaitJoined();
    Map<Multihash, Node> holders = provideAll();
    churn();
    awaitJoined();
    int hits = lookUpAll(holders);
    KadLookups taken =
        nodes.stream()
            .map(node -> node.kad().lookups())
            .reduce(
                KadLookups.NONE,
                (a, b) ->
                    new KadLookups(
                        a.lookups() + b.lookups(),
                        a.requests() + b.requests(),
                        a.hops() + b.hops()));
    double requests = (double) taken.requests() / taken.lookups();
    double hops = (double) taken.hops() / taken.lookups();
    System.out.printf(
        "%d nodes, a fifth of them replaced, seed %d: %d of %d lookups found a holder; %.1f"
            + " requests and %.2f hops each%n",
        NODES, SEED, hits, KEYS, requests, hops);
    assertThat(hits).isGreaterThanOrEqualTo(KEYS * 99 / 100);
    assertThat(requests).isLessThan(60);
    assertThat(hops).isLessThan(Math.log(NODES) / Math.log(2));
  }

  /** The holders are those of the first half, which stay. */
  private Map<Multihash, Node> provideAll() {
    Map<Multihash, Node> holders = new HashMap<>();
    byte[] digest = new byte[32];
    for (int i = 0; i < KEYS; i++) {
      random.nextBytes(digest);
      Multihash key = Multihash.of(Multihash.SHA2_256, digest);
      Node holder = nodes.get(random.nextInt(NODES / 2));
      holders.put(key, holder);
      holder.kad().provide(key);
    }
    await()
        .atMost(PATIENCE)
        .until(
            () -> nodes.stream().mapToInt(node -> node.kad().status().announced()).sum() == KEYS);
    return holders;
  }

  /** One in five is gone without a word, and another comes. */
  private void churn() throws IOException {
    for (int i = 0; i < NODES / 5; i++) {
      Node leaving = nodes.remove(NODES / 2 + random.nextInt(NODES / 2));
      leaving.host().close();
      leaving.kad().close();
      join();
    }
  }

  private int lookUpAll(Map<Multihash, Node> holders) throws Exception {
    List<Future<Boolean>> lookups = new ArrayList<>();
    try (ExecutorService seekers =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      holders.forEach((key, holder) -> {
        Node seeker = nodes.get(random.nextInt(nodes.size()));
        lookups.add(seekers.submit(() -> seeker == holder || finds(seeker, key, holder)));
      });
    }
    int hits = 0;
    for (Future<Boolean> lookup : lookups) {
      hits += lookup.get() ? 1 : 0;
    }
    return hits;
  }

  private static boolean finds(Node seeker, Multihash key, Node holder)
      throws InterruptedException {
    List<KadPeer> found = new ArrayList<>();
    seeker.kad().findProviders(key, 1, LIMIT, found::add);
    return found.stream().anyMatch(provider -> provider.id().equals(holder.host().id()));
  }
}
