package dev.gvmi.bench.swarm;

import java.util.List;
import java.util.Locale;

/**
 * What came of a swarm.
 *
 * @param seconds how long each fetcher took that has all, in order
 * @param unfinished fetchers that should have all and have not
 * @param bestSeconds the least time there could be: the seeders' lines carry one copy, all lines together as many as there are fetchers, and each line its own
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
    return seconds.isEmpty() ? Double.NaN : seconds.get((int) Math.ceil(quantile * seconds.size()) - 1);
  }

  /** Of the last, in the least time there could be. */
  public double stretch() {
    return part(1) / bestSeconds;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %d from %d, %d MiB: 50 %% %.1f s, 95 %% %.1f s, 100 %% %.1f s; bound %.1f s (%.2f x); seeders sent %.2f copies;"
            + " in vain %.2f %%; %.0f messages per node; unfinished %d",
        scenario.name(),
        scenario.fetchers(),
        scenario.seeders(),
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
