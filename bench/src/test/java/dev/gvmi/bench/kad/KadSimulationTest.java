package dev.gvmi.bench.kad;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Whether a network of up to a thousand nodes finds what it holds; {@code bench/kad.sh} runs larger
 * ones. Each failure tells its seed.
 */
final class KadSimulationTest {
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  private static Scenario network(int nodes, long seed) {
    return Scenario.calm(nodes, seed).withRefresh(Duration.ofHours(1));
  }

  private static KadSimulation joined(Scenario scenario) {
    KadSimulation simulation = new KadSimulation(scenario);
    simulation.join();
    return simulation;
  }

  private static void assertFound(KadReport report, double atLeast, Scenario scenario) {
    assertThat(report.lookups()).as("%s", scenario).isPositive();
    assertThat(report.hitRate()).as("%s: %s", scenario, report).isGreaterThanOrEqualTo(atLeast);
    double bits = Math.log(scenario.nodes()) / Math.log(2);
    assertThat(report.hops()).as("hops, %s", report).isLessThanOrEqualTo(bits);
  }

  @Test
  void aNetworkAtRestFindsAll() {
    Scenario scenario = network(1000, 1);
    assertFound(joined(scenario).lookUp(100, 300, TEN_MINUTES), 1, scenario);
  }

  @Test
  void aNetworkWhoseNodesComeAndGoFindsNearlyAll() {
    Scenario scenario = network(500, 3).withSession(Duration.ofMinutes(60));
    assertFound(joined(scenario).lookUp(100, 500, Duration.ofMinutes(20)), 0.99, scenario);
  }

  @Test
  void liarsHideNothing() {
    Scenario scenario = network(400, 4).withLiars(100);
    assertFound(joined(scenario).lookUp(100, 300, TEN_MINUTES), 0.99, scenario);
  }

  @Test
  void aCrowdInFewRacksEclipsesNoKey() {
    Scenario scenario = network(500, 5);
    assertFound(joined(scenario).eclipse(60, 4, 12, 200, TEN_MINUTES).report(), 0.99, scenario);
  }

  /**
   * With a group for each, they are all of the k nearest, and hide the key; but not from those that
   * remember who had it.
   */
  @Test
  void aKeyThatIsEclipsedIsFoundAtAHolderThatIsRemembered() {
    Scenario scenario = network(300, 6);
    KadSimulation.Eclipse eclipse = joined(scenario).eclipse(60, 60, 12, 100, TEN_MINUTES);
    assertThat(eclipse.report().hitRate()).as("%s", eclipse).isLessThan(0.5);
    assertThat(eclipse.remembered()).as("%s", eclipse).isEqualTo(1);
  }

  @Test
  void theSameSeedGivesTheSameFigures() {
    Scenario scenario = network(100, 9).withSession(Duration.ofMinutes(30));
    KadReport once = joined(scenario).lookUp(20, 100, TEN_MINUTES);
    assertThat(joined(scenario).lookUp(20, 100, TEN_MINUTES)).isEqualTo(once);
  }
}
