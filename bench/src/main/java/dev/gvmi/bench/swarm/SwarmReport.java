package dev.gvmi.bench.swarm;

import java.util.List;
import java.util.Locale;

/**
 * What came of a swarm.
 *
 * @param seconds how long each fetcher took that has all, in order
 * @param unfinished fetchers that should have all and have not
 * @param bestSeconds the least time there could be: the seeders' lines carry one copy, all lines
 *     together as many as there are fetchers, and each line its own
 * @param copies sent by the first seeders
 * @param wasted chunks that came in vain, of those that came
 * @param messages sent by a node on average
 */
public record SwarmReport(
    Scenario scenario,
    List<Double> seconds,
    int unfinished,
    double bestSeconds,
    double copies,
    double wasted,
    double messages) {
  public SwarmReport {
    seconds = seconds.stream().sorted().toList();
  }

  /** When so many of all were done. */
  public double part(double quantile) {
    return seconds.isEmpty()
        ? Double.NaN
        : seconds.get((int) Math.ceil(quantile * seconds.size()) - 1);
  }

  /** Of the last, in the least time there could be. */
  public double stretch() {
    return part(1) / bestSeconds;
  }

  static final String HEAD =
      "| scenario | seeders | fetchers | MiB | 50 % s | 95 % s | 100 % s | bound s | last / bound |"
          + " copies by seeders | in vain % | messages per node | unfinished |\n"
          + "|---|---|---|---|---|---|---|---|---|---|---|---|---|";

  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f | %.2f | %.0f | %d |",
        scenario.name(),
        scenario.seeders(),
        scenario.fetchers(),
        scenario.mebibytes(),
        part(0.5),
        part(0.95),
        part(1),
        bestSeconds,
        stretch(),
        copies,
        100 * wasted,
        messages,
        unfinished);
  }
}
