package dev.gvmi.bench.swarm;

import java.time.Duration;

/**
 * Who wants an image, who has it, and what goes wrong.
 *
 * @param seeders that have all of it at the start
 * @param mbit of all lines, both ways; 0: those of homes, and seeders as {@code seederMbit} says
 * @param joining the time within which fetchers begin
 * @param named whether fetchers are told of the seeders; else they find holders in the DHT
 * @param session how long a fetcher stays on average before it is gone without a word and a new one
 *     comes; zero: for ever
 */
public record Scenario(
    String name,
    int seeders,
    int fetchers,
    int mebibytes,
    int mbit,
    int seederMbit,
    Duration joining,
    boolean named,
    Duration session,
    Faults faults,
    long seed) {
  /**
   * What is wrong with whom; of the first fetchers in this order.
   *
   * @param killed end halfway
   * @param stalling stop halfway, and keep their connections
   * @param corrupting send wrong bytes from the start
   * @param stallingSeeders stop halfway
   */
  public record Faults(int killed, int stalling, int corrupting, int stallingSeeders) {
    static final Faults NONE = new Faults(0, 0, 0, 0);

    int ofFetchers() {
      return killed + stalling + corrupting;
    }
  }

  boolean isLarge() {
    return fetchers > 1_000;
  }

  /** All begin at once and are named the seeders; every line has the same rate. */
  public static Scenario crowd(int seeders, int fetchers, int mebibytes, int mbit, long seed) {
    return new Scenario(
        "crowd",
        seeders,
        fetchers,
        mebibytes,
        mbit,
        mbit,
        Duration.ZERO,
        true,
        Duration.ZERO,
        Faults.NONE,
        seed);
  }

  /** Homes that begin within ten seconds, and find holders in the DHT. */
  public static Scenario homes(
      int seeders, int fetchers, int mebibytes, int seederMbit, long seed) {
    return new Scenario(
        "homes",
        seeders,
        fetchers,
        mebibytes,
        0,
        seederMbit,
        Duration.ofSeconds(10),
        false,
        Duration.ZERO,
        Faults.NONE,
        seed);
  }

  public Scenario with(String title, Faults other) {
    return new Scenario(
        title,
        seeders,
        fetchers,
        mebibytes,
        mbit,
        seederMbit,
        joining,
        named,
        session,
        other,
        seed);
  }

  public Scenario withSession(String title, Duration mean) {
    return new Scenario(
        title, seeders, fetchers, mebibytes, mbit, seederMbit, joining, named, mean, faults, seed);
  }
}
