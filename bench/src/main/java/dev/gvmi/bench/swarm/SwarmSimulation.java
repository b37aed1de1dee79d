package dev.gvmi.bench.swarm;

import dev.gvmi.bench.swarm.Scenario.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One image and all who want it, in virtual time. The same scenario gives the same figures. */
public final class SwarmSimulation {
  /** As the node does. */
  private static final Duration TICK = Duration.ofMillis(100);

  private static final Duration TELLING = Duration.ofMillis(250);

  /** Of thousands of nodes, so that they take minutes. */
  private static final Duration LARGE = Duration.ofSeconds(1);

  private static final long GIVE_UP = TimeUnit.HOURS.toNanos(1);

  private final Scenario scenario;
  private final World world;
  private final List<SwarmNode> seeders = new ArrayList<>();
  private final List<SwarmNode> fetchers = new ArrayList<>();

  /** Those that were there at the start and are to have all at the end, and when they began. */
  private final Map<SwarmNode, Long> waiting = new HashMap<>();

  /** Of those that are there from the start. */
  private int begun;

  private final List<Double> seconds = new ArrayList<>();

  public SwarmSimulation(Scenario scenario) {
    this.scenario = scenario;
    this.world =
        new World(
            (long) scenario.mebibytes() << 20,
            scenario.isLarge() ? LARGE : TICK,
            scenario.isLarge() ? LARGE : TELLING,
            scenario.seed());
  }

  /** Until all have it, or an hour has passed. */
  public SwarmReport run() {
    for (int i = 0; i < scenario.seeders(); i++) {
      SwarmNode seeder = new SwarmNode(world, Line.symmetric(scenario.seederMbit()));
      seeder.seed();
      seeders.add(seeder);
      world.provided(seeder);
    }
    for (int i = 0; i < scenario.fetchers(); i++) {
      addFetcher(joining(), i, true);
    }
    breakSome();
    while (!(begun >= scenario.fetchers() && waiting.isEmpty()) && world.agenda().step(GIVE_UP)) {
      // until all is done
    }
    return report();
  }

  private long joining() {
    long within = scenario.joining().toNanos();
    return within == 0 ? 0 : world.random().nextLong(within);
  }

  private void addFetcher(long at, int number, boolean isCounted) {
    world.agenda().after(at, () -> begin(number, isCounted));
  }

  private void begin(int number, boolean isCounted) {
    begun += isCounted ? 1 : 0;
    Line line = scenario.mbit() == 0 ? Line.home(world.random()) : Line.symmetric(scenario.mbit());
    SwarmNode node = new SwarmNode(world, line);
    fetchers.add(node);
    Faults faults = scenario.faults();
    int corruptFrom = faults.killed() + faults.stalling();
    if (number >= corruptFrom && number < faults.ofFetchers()) {
      node.corrupt();
      fetchers.stream()
          .filter(other -> other.fetch().isPresent())
          .forEach(other -> other.fetch().orElseThrow().named(node));
      return;
    }
    long began = world.agenda().now();
    node.begin(end -> done(node, end - began));
    if (isCounted && number >= faults.ofFetchers()) {
      waiting.put(node, began);
    }
    Fetch fetch = node.fetch().orElseThrow();
    if (scenario.named()) {
      seeders.forEach(fetch::named);
      fetchers.stream().filter(SwarmNode::corrupts).forEach(fetch::named);
    } else {
      fetch.look();
    }
    leaveSometime(node, number);
  }

  private void leaveSometime(SwarmNode node, int number) {
    long mean = scenario.session().toNanos();
    if (mean > 0) {
      long stays = (long) (-Math.log(1 - world.random().nextDouble()) * mean);
      world
          .agenda()
          .after(
              stays,
              () -> {
                waiting.remove(node);
                fetchers.remove(node);
                leave(node);
                addFetcher(0, number, false);
              });
    }
  }

  private void leave(SwarmNode node) {
    if (world.random().nextBoolean()) {
      node.kill();
    } else {
      node.stall();
    }
  }

  private void done(SwarmNode node, long nanos) {
    if (waiting.remove(node) != null) {
      seconds.add(nanos / 1e9);
    }
  }

  private void breakSome() {
    Faults faults = scenario.faults();
    double size = world.geometry().sizeBytes();
    Duration half =
        Duration.ofNanos((long) (size / Line.symmetric(scenario.mbit()).up() / 2 * 1e9));
    if (faults.ofFetchers() + faults.stallingSeeders() > 0) {
      world
          .agenda()
          .after(
              half.toNanos(),
              () -> {
                fetchers.subList(0, faults.killed()).forEach(SwarmNode::kill);
                fetchers
                    .subList(faults.killed(), faults.killed() + faults.stalling())
                    .forEach(SwarmNode::stall);
                seeders.subList(0, faults.stallingSeeders()).forEach(SwarmNode::stall);
              });
    }
  }

  private SwarmReport report() {
    double size = world.geometry().sizeBytes();
    double sent = seeders.stream().mapToDouble(node -> node.uplink().sentBytes()).sum();
    List<Fetch> fetches = fetchers.stream().flatMap(node -> node.fetch().stream()).toList();
    double came = fetches.stream().mapToLong(Fetch::came).sum();
    return new SwarmReport(
        scenario,
        seconds,
        waiting.size(),
        bestSeconds(),
        sent / size,
        fetches.stream().mapToLong(Fetch::wasted).sum() / came,
        fetchers.stream().mapToLong(node -> node.counters().all()).average().orElse(0));
  }

  private double bestSeconds() {
    double size = world.geometry().sizeBytes();
    double seedersUp = seeders.stream().mapToDouble(node -> node.line().up()).sum();
    double allUp = seedersUp + fetchers.stream().mapToDouble(node -> node.line().up()).sum();
    double leastDown = fetchers.stream().mapToDouble(node -> node.line().down()).min().orElse(1);
    return Math.max(size / seedersUp, Math.max(size / leastDown, size * fetchers.size() / allUp));
  }
}
