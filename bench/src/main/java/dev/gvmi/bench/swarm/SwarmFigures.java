package dev.gvmi.bench.swarm;

import dev.gvmi.bench.swarm.Scenario.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs scenarios by name, and prints a line of a table for each.
 *
 * <pre>
 *   SwarmFigures [--svg FILE] [NAME[:FETCHERS[:MEBIBYTES[:SEED]]]]...
 * </pre>
 *
 * {@code bench/swarm.sh} runs it. The plot shows the scenarios of homes.
 */
public final class SwarmFigures {
  private static final List<String> ALL =
      List.of("crowd", "faults", "seeders", "stalled", "homes", "homes4", "churn", "churn4");

  /** How long a home stays on average. */
  private static final Duration SESSION = Duration.ofMinutes(5);

  private static final int MBIT = 100;

  private SwarmFigures() {}

  public static void main(String[] args) throws IOException {
    List<String> names = new ArrayList<>(List.of(args));
    Path svg = null;
    if (!names.isEmpty() && names.getFirst().equals("--svg")) {
      names.removeFirst();
      svg = Path.of(names.removeFirst());
    }
    List<SwarmReport> homes = new ArrayList<>();
    System.out.println(SwarmReport.HEAD);
    for (String name : names.isEmpty() ? ALL : names) {
      Scenario scenario = scenario(name.split(":"));
      SwarmReport report = new SwarmSimulation(scenario).run();
      System.out.println(report.row());
      if (scenario.mbit() == 0) {
        homes.add(report);
      }
    }
    if (svg != null) {
      Files.writeString(svg, new SwarmPlot(homes).svg());
    }
  }

  private static Scenario scenario(String... words) {
    boolean isOfHomes = words[0].startsWith("homes") || words[0].startsWith("churn");
    int fetchers = number(words, 1, isOfHomes ? 10_000 : 8);
    int mebibytes = number(words, 2, isOfHomes ? 64 : 256);
    int seed = number(words, 3, 1);
    return switch (words[0]) {
      case "crowd" -> Scenario.crowd(1, fetchers, mebibytes, MBIT, seed);
      case "faults" ->
          Scenario.crowd(1, fetchers, mebibytes, MBIT, seed).with("faults", new Faults(2, 1, 1, 0));
      case "seeders" -> Scenario.crowd(4, 1, mebibytes, MBIT, seed).with("seeders", Faults.NONE);
      case "stalled" ->
          Scenario.crowd(4, 1, mebibytes, MBIT, seed).with("stalled", new Faults(0, 0, 0, 1));
      case "homes" -> Scenario.homes(1, fetchers, mebibytes, MBIT, seed);
      case "homes4" ->
          Scenario.homes(4, fetchers, mebibytes, MBIT, seed).withSession("homes4", Duration.ZERO);
      case "churn" ->
          Scenario.homes(1, fetchers, mebibytes, MBIT, seed).withSession("churn", SESSION);
      case "churn4" ->
          Scenario.homes(4, fetchers, mebibytes, MBIT, seed).withSession("churn4", SESSION);
      default -> throw new IllegalArgumentException("no such scenario: " + words[0]);
    };
  }

  private static int number(String[] words, int index, int otherwise) {
    return words.length > index ? Integer.parseInt(words[index]) : otherwise;
  }
}
