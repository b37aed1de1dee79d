package dev.gvmi.bench.kad;

import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadNode;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.LookupGoal;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A DHT in virtual time: nodes join, leave, provide, find, and some lie.
 *
 * <pre>
 *   KadSimulation [NODES] [SESSION MINUTES, 0: for ever] [LIARS OF THOUSAND] [LOOKUPS] [SEED]
 * </pre>
 *
 * {@code bench/kad.sh} runs it. The same arguments give the same figures, but for the time it
 * takes.
 */
public final class KadSimulation {
  private static final Duration JOINING = Duration.ofMinutes(5);
  private static final Duration SETTLING = Duration.ofMinutes(12);
  private static final Duration SPREADING = Duration.ofMinutes(1);
  private static final int WANTED = 8;
  private static final int PROVIDERS_PER_KEY = 3;

  /** Those that the others join by, and that stay. */
  private static final int FIRST = 5;

  private final SimNetwork network;
  private final List<SimNode> nodes = new ArrayList<>();
  private final Random random;

  /** Those that provide, and therefore stay. */
  private final Set<SimNode> providers = new HashSet<>();

  public KadSimulation(Scenario scenario) {
    this.network = new SimNetwork(scenario);
    this.random = network.random();
  }

  public static void main(String[] args) {
    int size = argument(args, 0, 10_000);
    int minutes = argument(args, 1, 60);
    Scenario scenario =
        Scenario.calm(size, argument(args, 4, 1))
            .withSession(Duration.ofMinutes(minutes))
            .withLiars(argument(args, 2, 0))
            .withRefresh(Duration.ofHours(1));
    int lookups = argument(args, 3, 5_000);
    System.out.println(scenario);
    long start = System.nanoTime();
    KadSimulation simulation = new KadSimulation(scenario);
    simulation.join();
    System.out.printf("joined; %.0f peers in a table%n", simulation.tableSize());
    System.out.println(
        simulation.lookUp(Math.max(1, lookups / 10), lookups, Duration.ofMinutes(10)));
    System.out.printf("took %.0f s%n", (System.nanoTime() - start) / 1e9);
  }

  private static int argument(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }

  /** Lets all nodes join, in five minutes, and the network come to rest. */
  public void join() {
    Scenario scenario = network.scenario();
    for (int i = 0; i < scenario.nodes(); i++) {
      long at = i < FIRST ? i : random.nextLong(JOINING.toMillis());
      network.time().after(at, this::joinOne);
    }
    network.time().pass(JOINING.plus(SETTLING));
  }

  private void joinOne() {
    boolean lies = nodes.size() >= FIRST && random.nextInt(1000) < network.scenario().liars();
    SimNode node = network.add(lies ? this::junk : SimNode.HONEST);
    nodes.add(node);
    if (nodes.size() > 1) {
      node.join(nodes.get(random.nextInt(Math.min(nodes.size() - 1, FIRST))));
    }
    long mean = network.scenario().session().toMillis();
    if (mean > 0 && nodes.size() > FIRST) {
      network.time().after((long) (-Math.log(1 - random.nextDouble()) * mean), () -> leave(node));
    }
  }

  private void leave(SimNode node) {
    if (providers.contains(node)) {
      return;
    }
    node.leave();
    network.forget(node);
    nodes.remove(node);
    joinOne();
  }

  private KadNode.Reply junk(SimNode node, KadRequest request, SimNode asker) {
    List<KadPeer> nobody =
        Stream.generate(() ->
                KadPeer.of(
                    PeerId.of(network.hash()),
                    List.of(Multiaddr.parse("/ip4/99.1." + random.nextInt(256) + ".1/tcp/1"))))
            .limit(20)
            .toList();
    return new KadNode.Reply.Answer(new KadAnswer(nobody, List.of()));
  }

  private SimNode anyone() {
    while (true) {
      SimNode node = nodes.get(random.nextInt(nodes.size()));
      if (node.isUp()) {
        return node;
      }
    }
  }

  /**
   * Has keys provided, by three nodes each, which stay; then looked up by others, spread over the
   * time.
   */
  public KadReport lookUp(int keys, int count, Duration over) {
    List<KadKey> provided = Stream.generate(network::key).limit(keys).toList();
    for (KadKey key : provided) {
      IntStream.range(0, PROVIDERS_PER_KEY).forEach(i -> provide(anyone(), key));
    }
    network.time().pass(SPREADING);
    return measure(provided, count, over);
  }

  private void provide(SimNode node, KadKey key) {
    providers.add(node);
    node.provide(key);
  }

  private KadReport measure(List<KadKey> keys, int count, Duration over) {
    nodes.forEach(SimNode::resetReceived);
    List<SimLookup> lookups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      KadKey key = keys.get(i % keys.size());
      network
          .time()
          .after(
              random.nextLong(over.toMillis()),
              () -> lookups.add(anyone().lookup(key, new LookupGoal.Providers(WANTED), () -> {})));
    }
    network.time().pass(over.plus(SPREADING));
    // One whose node has left meanwhile neither hit nor missed.
    List<SimLookup> ended = lookups.stream().filter(SimLookup::isDone).toList();
    return KadReport.of(ended, nodes.stream().mapToLong(SimNode::received));
  }

  /**
   * Has one key provided while made-up nodes that lie nearest to it, in few IP groups, tell of each
   * other only; then looked up.
   *
   * @param bits of their ids that are those of the key
   */
  public Eclipse eclipse(int attackers, int groups, int bits, int count, Duration over) {
    KadKey key = network.key();
    List<SimNode> gang = new ArrayList<>();
    for (int i = 0; i < attackers; i++) {
      String address = "/ip4/99.2." + i % groups + "." + (1 + i / groups) + "/tcp/4001";
      gang.add(
          network.add(
              near(key, bits),
              address,
              (node, request, asker) ->
                  new KadNode.Reply.Answer(
                      new KadAnswer(
                          gang.stream().limit(20).map(SimNode::peer).toList(), List.of()))));
    }
    for (SimNode attacker : gang) {
      attacker.join(anyone());
      nodes.forEach(node -> network.check(attacker, node));
    }
    network.time().pass(SETTLING);
    IntStream.range(0, PROVIDERS_PER_KEY).forEach(i -> provide(anyone(), key));
    network.time().pass(SPREADING);
    KadReport report = measure(List.of(key), count, over);
    return new Eclipse(report, remembered(key, count));
  }

  /**
   * What lookups of an eclipsed key came to.
   *
   * @param remembered the share of seekers that find a holder by asking one that they remember,
   *     besides
   */
  public record Eclipse(KadReport report, double remembered) {}

  private double remembered(KadKey key, int count) {
    List<SimNode> holders = List.copyOf(providers);
    AtomicInteger hits = new AtomicInteger();
    for (int i = 0; i < count; i++) {
      SimNode holder = holders.get(random.nextInt(holders.size()));
      network.send(
          anyone(),
          holder.peer(),
          new KadRequest.GetProviders(key),
          answer -> hits.addAndGet(answer.providers().contains(holder.peer()) ? 1 : 0),
          () -> {});
    }
    network.time().pass(SPREADING);
    return (double) hits.get() / count;
  }

  private PeerId near(KadKey key, int bits) {
    while (true) {
      PeerId id = PeerId.of(network.hash());
      if (KadKey.of(id).id().commonPrefix(key.id()) >= bits) {
        return id;
      }
    }
  }

  /** Peers in a routing table, on average. */
  public double tableSize() {
    return nodes.stream().mapToInt(node -> node.kad().table().size()).average().orElse(0);
  }
}
