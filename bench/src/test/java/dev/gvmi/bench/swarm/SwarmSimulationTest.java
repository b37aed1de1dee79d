package dev.gvmi.bench.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.bench.swarm.Scenario.Faults;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SwarmSimulationTest {
  private static final int MEBIBYTES = 64;

  private static SwarmReport run(Scenario scenario) {
    return new SwarmSimulation(scenario).run();
  }

  @Test
  void theSameSeedGivesTheSameFigures() {
    Scenario scenario = Scenario.homes(1, 20, 16, 100, 5);
    assertThat(run(scenario).row()).isEqualTo(run(scenario).row());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aLoneSeederSendsEachChunkAboutOnceAndACrowdIsNearTheBound(long seed) {
    SwarmReport report = run(Scenario.crowd(1, 8, MEBIBYTES, 20, seed));
    assertThat(report.unfinished()).isZero();
    assertThat(report.copies()).isBetween(1.0, 1.3);
    assertThat(report.stretch()).isBetween(1.0, 1.3);
  }

  @Test
  void faultsCostLittle() {
    Scenario crowd = Scenario.crowd(1, 8, MEBIBYTES, 20, 1);
    SwarmReport report = run(crowd.with("faults", new Faults(2, 1, 1, 0)));
    assertThat(report.unfinished()).isZero();
    assertThat(report.seconds()).hasSize(4);
    assertThat(report.stretch()).isLessThan(1.5);
  }

  @Test
  void oneOfFourSeedersThatStallsCostsLessThanATenth() {
    Scenario seeders = Scenario.crowd(4, 1, MEBIBYTES, 20, 1);
    double without = run(seeders).part(1);
    double with = run(seeders.with("stalled", new Faults(0, 0, 0, 1))).part(1);
    assertThat(with).isLessThan(1.1 * without);
  }

  @Test
  void thoseWhoStayFinishWhileOthersComeAndGo() {
    Scenario homes = Scenario.homes(1, 20, 16, 100, 1);
    SwarmReport report = run(homes.withSession("churn", Duration.ofMinutes(1)));
    assertThat(report.unfinished()).isZero();
    assertThat(report.seconds()).isNotEmpty();
  }

  @Test
  void thePlotHasACurveForEachReport() {
    SwarmReport report = run(Scenario.homes(1, 5, 4, 100, 1));
    assertThat(new SwarmPlot(List.of(report, report)).svg().split("<polyline")).hasSize(3);
  }
}
