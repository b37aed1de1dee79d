package dev.gvmi.bench.kad;

import java.time.Duration;
import java.util.Locale;

/**
 * How well a key is found that made-up nodes lie nearest to, whose ids were tried out for that: by
 * the number of IP groups that they have, and by what lookups do about it.
 *
 * <pre>
 *   KadEclipse [NODES] [ATTACKERS] [BITS of their ids that are the key's] [LOOKUPS] [SEED]
 * </pre>
 *
 * {@code bench/kad.sh eclipse} runs it.
 */
public final class KadEclipse {
  private static final int[] GROUPS = {2, 5, 10, 20, 60};
  private static final int NO_LIMIT = 10_000;

  private KadEclipse() {}

  public static void main(String[] args) {
    int nodes = argument(args, 0, 1000);
    int attackers = argument(args, 1, 60);
    int bits = argument(args, 2, 14);
    int lookups = argument(args, 3, 300);
    int seed = argument(args, 4, 5);
    System.out.printf(
        "%d nodes, %d attackers whose ids share %d bits with the key, %d lookups, seed %d%n",
        nodes, attackers, bits, lookups, seed);
    System.out.println(
        "| IP groups | paths | per group | found by lookup | by a remembered holder | requests |");
    Scenario calm = Scenario.calm(nodes, seed).withRefresh(Duration.ofHours(1));
    for (int groups : GROUPS) {
      measure(calm.withDefence(1, NO_LIMIT), attackers, groups, bits, lookups);
      measure(calm.withDefence(3, NO_LIMIT), attackers, groups, bits, lookups);
      measure(calm.withDefence(1, 2), attackers, groups, bits, lookups);
      measure(calm.withDefence(3, 2), attackers, groups, bits, lookups);
    }
  }

  private static void measure(Scenario scenario, int attackers, int groups, int bits, int lookups) {
    KadSimulation simulation = new KadSimulation(scenario);
    simulation.join();
    KadSimulation.Eclipse eclipse =
        simulation.eclipse(attackers, groups, bits, lookups, Duration.ofMinutes(10));
    int perGroup = scenario.lookup().perGroup();
    System.out.printf(
        Locale.ROOT,
        "| %d | %d | %s | %.1f %% | %.1f %% | %.1f |%n",
        groups,
        scenario.lookup().paths(),
        perGroup == NO_LIMIT ? "any" : String.valueOf(perGroup),
        100 * eclipse.report().hitRate(),
        100 * eclipse.remembered(),
        eclipse.report().messages());
  }

  private static int argument(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }
}
