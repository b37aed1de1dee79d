package dev.gvmi.node.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a fetch takes beside slow, standing and trickling peers, in virtual time. */
final class FetchSimulationTest {
  private static final double MB = 1e6;
  private static final Geometry GEOMETRY = new Geometry(DigestAlgorithm.SHA3_224, 256L << 20);
  private static final double SIZE = GEOMETRY.sizeBytes();
  private static final double LATENCY = 0.03;

  private static FetchSimulation simulation(long seed) {
    return new FetchSimulation(GEOMETRY, seed);
  }

  private static DoubleUnaryOperator steady(double bytesPerSecond) {
    return time -> bytesPerSecond;
  }

  private static DoubleUnaryOperator until(double seconds, double bytesPerSecond) {
    return time -> time < seconds ? bytesPerSecond : 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void oneSourceIsKeptBusy(long seed) {
    FetchSimulation fetch = simulation(seed);
    fetch.add(steady(12.5 * MB), LATENCY);
    assertThat(fetch.run(100)).isLessThan(1.03 * SIZE / (12.5 * MB) + 0.2);
    assertThat(fetch.wastedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.8, 1.5})
  void aLongWayIsFilledToo(double latency) {
    FetchSimulation fetch = simulation(1);
    fetch.add(steady(10 * MB), latency);
    assertThat(fetch.run(100)).isLessThan(1.1 * SIZE / (10 * MB) + 8 * latency);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatAPeerOwesFollowsItsRate(long seed) {
    FetchSimulation fetch = simulation(seed);
    PeerId fast = fetch.add(steady(10 * MB), LATENCY);
    PeerId slow = fetch.add(steady(0.5 * MB), LATENCY);
    fetch.advance(10);
    assertThat(fetch.owedBy(fast)).isBetween(30, ScheduleLimits.DEFAULT.perPeer());
    assertThat(fetch.owedBy(slow)).isBetween(1, 6);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aStandingPeerCostsNextToNothing(long seed) {
    FetchSimulation three = simulation(seed);
    FetchSimulation four = simulation(seed);
    for (int i = 0; i < 3; i++) {
      three.add(steady(5 * MB), LATENCY);
      four.add(steady(5 * MB), LATENCY);
    }
    double without = three.run(100);
    four.add(until(without / 2, 5 * MB), LATENCY);
    assertThat(four.run(100)).isLessThan(without);
    assertThat(four.wastedBytes()).isLessThan((long) (SIZE / 100));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aPeerThatStandsStillAtTheEndIsReplacedWithinSeconds(long seed) {
    FetchSimulation fetch = simulation(seed);
    double end = SIZE / (10 * MB);
    fetch.add(steady(5 * MB), LATENCY);
    fetch.add(until(end - 0.5, 5 * MB), LATENCY);
    assertThat(fetch.run(100)).isLessThan(end + 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void tricklingPeersAreDroppedAndHoldNothingUp(long seed) {
    FetchSimulation fetch = simulation(seed);
    for (int i = 0; i < 50; i++) {
      fetch.add(steady(100), LATENCY);
    }
    fetch.add(steady(5 * MB), LATENCY);
    assertThat(fetch.run(200)).isLessThan(1.05 * SIZE / (5 * MB) + 3);
    assertThat(fetch.drops()).isEqualTo(50);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aSlowPeerHelpsAndDoesNotDelayTheEnd(long seed) {
    FetchSimulation fetch = simulation(seed);
    fetch.add(steady(10 * MB), LATENCY);
    fetch.add(steady(0.1 * MB), LATENCY);
    assertThat(fetch.run(100)).isLessThan(1.03 * SIZE / (10 * MB) + 0.3);
    assertThat(fetch.drops()).isZero();
    assertThat(fetch.wastedBytes()).isLessThan(4 * Geometry.CHUNK_BYTES);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theOnlySourceIsWaitedFor(long seed) {
    FetchSimulation fetch = simulation(seed);
    fetch.add(time -> time > 5 && time < 40 ? 0 : 10 * MB, LATENCY);
    assertThat(fetch.run(100)).isLessThan(SIZE / (10 * MB) + 37);
    assertThat(fetch.drops()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverMoreIsUnderWayThanAllowed(long seed) {
    FetchSimulation fetch = simulation(seed);
    for (int i = 0; i < 20; i++) {
      fetch.add(steady(20 * MB), 0.5);
    }
    for (int i = 0; i < 40 && fetch.outstanding() > 0; i++) {
      fetch.advance(0.01);
      assertThat(fetch.outstanding()).isLessThanOrEqualTo(ScheduleLimits.DEFAULT.inAll());
    }
  }
}
