package dev.gvmi.bench.swarm;

import dev.gvmi.bench.swarm.Scenario.Faults;

/** Runs scenarios by name: {@code NAME[:FETCHERS[:MEBIBYTES]]}. */
public final class SwarmFigures {
  private SwarmFigures() {}

  public static void main(String[] args) {
    int seed = 1;
    for (String name : args) {
      String[] p = name.split(":");
      int n = p.length > 1 ? Integer.parseInt(p[1]) : 8;
      int mb = p.length > 2 ? Integer.parseInt(p[2]) : 256;
      Scenario s =
          switch (p[0]) {
            case "crowd" -> Scenario.crowd(1, n, mb, 100, seed);
            case "slow" -> Scenario.crowd(1, n, mb, 16, seed);
            case "faults" -> Scenario.crowd(1, n, mb, 100, seed).with("faults", new Faults(2, 1, 1, 0));
            case "seeders" -> Scenario.crowd(4, 1, mb, 100, seed);
            case "stalled" -> Scenario.crowd(4, 1, mb, 100, seed).with("stalled", new Faults(0, 0, 0, 1));
            case "homes" -> Scenario.homes(1, n, mb, 100, seed);
            case "homes4" -> Scenario.homes(4, n, mb, 100, seed);
            default -> throw new IllegalArgumentException(name);
          };
      long t = System.nanoTime();
      System.out.println(new SwarmSimulation(s).run());
      System.out.printf("   took %.1f s%n", (System.nanoTime() - t) / 1e9);
    }
  }
}
