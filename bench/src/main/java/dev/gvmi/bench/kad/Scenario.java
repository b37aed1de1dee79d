package dev.gvmi.bench.kad;

import dev.gvmi.libp2p.kad.routing.LookupConfig;
import dev.gvmi.libp2p.kad.routing.TableLimits;
import java.time.Duration;

/**
 * What a simulated network is like.
 *
 * @param session how long a node stays on average before it is gone without a word and a new one
 *     comes; zero: for ever
 * @param liars of each thousand nodes, those that tell of peers that are not there
 */
public record Scenario(
    int nodes, Duration session, int liars, TableLimits table, LookupConfig lookup, long seed) {
  /** All stay, none lies. */
  public static Scenario calm(int nodes, long seed) {
    return new Scenario(nodes, Duration.ZERO, 0, TableLimits.DEFAULT, LookupConfig.DEFAULT, seed);
  }

  public Scenario withSession(Duration mean) {
    return new Scenario(nodes, mean, liars, table, lookup, seed);
  }

  public Scenario withLiars(int ofThousand) {
    return new Scenario(nodes, session, ofThousand, table, lookup, seed);
  }

  /**
   * Lookups along so many disjoint paths; at most so many peers of an IP group in a table, and
   * asked.
   */
  public Scenario withDefence(int paths, int perGroup) {
    TableLimits tables =
        new TableLimits(
            table.bucket(), perGroup, table.failures(), table.checkAfter(), table.refreshAfter());
    LookupConfig lookups =
        new LookupConfig(
            lookup.k(),
            lookup.alpha(),
            paths,
            perGroup,
            lookup.slowAfter(),
            lookup.giveUpAfter(),
            lookup.nearest());
    return new Scenario(nodes, session, liars, tables, lookups, seed);
  }

  /** Tables are refreshed less often, which makes large networks quicker to simulate. */
  public Scenario withRefresh(Duration interval) {
    TableLimits less =
        new TableLimits(
            table.bucket(), table.perGroup(), table.failures(), table.checkAfter(), interval);
    return new Scenario(nodes, session, liars, less, lookup, seed);
  }
}
