package dev.gvmi.bench.kad;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * What lookups in a simulated network came to.
 *
 * @param hits lookups that found a provider that is there
 * @param firstMillis how long each hit took to the first
 * @param endMillis how long each lookup took to its end
 * @param load requests that each node got meanwhile
 */
public record KadReport(
    int lookups,
    int hits,
    double messages,
    double hops,
    List<Long> firstMillis,
    List<Long> endMillis,
    List<Long> load) {
  public KadReport {
    firstMillis = firstMillis.stream().sorted().toList();
    endMillis = endMillis.stream().sorted().toList();
    load = load.stream().sorted().toList();
  }

  static KadReport of(List<SimLookup> lookups, LongStream load) {
    return new KadReport(
        lookups.size(),
        (int) lookups.stream().filter(l -> l.firstLivingMillis().isPresent()).count(),
        lookups.stream().mapToInt(SimLookup::messages).average().orElse(0),
        lookups.stream().mapToInt(SimLookup::hops).average().orElse(0),
        lookups.stream().flatMapToLong(l -> l.firstLivingMillis().stream()).boxed().toList(),
        lookups.stream().map(SimLookup::tookMillis).toList(),
        load.boxed().toList());
  }

  public double hitRate() {
    return lookups == 0 ? 0 : (double) hits / lookups;
  }

  private static long part(List<Long> sorted, double quantile) {
    return sorted.isEmpty() ? 0 : sorted.get((int) (quantile * (sorted.size() - 1)));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.2f %% of %d lookups hit; per lookup %.1f messages, %.2f hops;"
            + " first provider after %d ms (p95 %d), end after %d ms (p95 %d);"
            + " requests per node: median %d, max %d",
        100 * hitRate(),
        lookups,
        messages,
        hops,
        part(firstMillis, 0.5),
        part(firstMillis, 0.95),
        part(endMillis, 0.5),
        part(endMillis, 0.95),
        part(load, 0.5),
        part(load, 1));
  }
}
