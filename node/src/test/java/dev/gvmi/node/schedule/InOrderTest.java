package dev.gvmi.node.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that waits, chunks that are copied, shares, and slow peers, in virtual time. */
final class InOrderTest {
  private static final double MB = 1e6;
  private static final Geometry GEOMETRY = new Geometry(DigestAlgorithm.SHA3_224, 256L << 20);
  private static final double SIZE = GEOMETRY.sizeBytes();
  private static final double LATENCY = 0.03;

  private static FetchSimulation of(long seed, double... rates) {
    FetchSimulation fetch = new FetchSimulation(GEOMETRY, seed);
    for (double rate : rates) {
      fetch.add(time -> rate, LATENCY);
    }
    return fetch;
  }

  /** Nothing read yet: the first MB or so must not wait for others. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aReaderFromTheStartFollowsTheFetchAtItsRate(long seed) {
    FetchSimulation fetch = new FetchSimulation(GEOMETRY, seed);
    fetch.read(0);
    fetch.add(time -> 5 * MB, LATENCY);
    fetch.add(time -> 5 * MB, LATENCY);
    for (int second = 1; second <= 20; second++) {
      fetch.advance(1);
      double read = (double) fetch.reader() * Geometry.CHUNK_BYTES;
      // what is under way at two peers, a second each, may lie before what is read
      assertThat(read).isGreaterThan(10 * MB * (second - 2.5));
    }
    assertThat(fetch.run(100)).isLessThan(1.05 * SIZE / (10 * MB) + 0.5);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void withoutAReaderTheStartIsNoSooner(long seed) {
    FetchSimulation fetch = of(seed, 5 * MB, 5 * MB);
    fetch.advance(10);
    int read = 0;
    while (fetch.isStored(read)) {
      read++;
    }
    assertThat((double) read * Geometry.CHUNK_BYTES).isLessThan(10 * MB * 7.5);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aReaderThatJumpsIsServedWithinSeconds(long seed) {
    FetchSimulation fetch = of(seed, 5 * MB, 5 * MB);
    fetch.read(0);
    fetch.advance(5);
    int at = 900;
    fetch.read(at);
    fetch.advance(3);
    assertThat(fetch.reader()).isGreaterThan(at + 20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aReaderAtTheEndLetsTheRestComeAsUsual(long seed) {
    FetchSimulation fetch = of(seed, 10 * MB);
    fetch.read(GEOMETRY.chunkCount() - 1);
    assertThat(fetch.run(100)).isLessThan(1.03 * SIZE / (10 * MB) + 0.5);
    assertThat(fetch.wastedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void chunksOfAPeerThatBecomesSlowAreAskedOfAnother(long seed) {
    FetchSimulation fetch = of(seed, 5 * MB, 5 * MB);
    // slow, and not so slow that it stands still
    fetch.add(time -> time < 5 ? 5 * MB : 0.03 * MB, LATENCY);
    fetch.advance(15);
    // at its rate what it owes would take more than a minute
    assertThat(fetch.longest()).isLessThan(8);
    fetch.run(100);
    assertThat(fetch.wastedBytes()).isLessThan((long) (SIZE / 50));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void peersOfOneRateAreNotAskedTwice(long seed) {
    FetchSimulation fetch = of(seed, 4 * MB, 4 * MB, 4 * MB, 4 * MB);
    fetch.run(100);
    assertThat(fetch.wastedBytes()).isLessThan(8L * Geometry.CHUNK_BYTES);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyIsAskedForWhatIsBeingCopied(long seed) {
    FetchSimulation fetch = new FetchSimulation(GEOMETRY, seed);
    BitSet half = new BitSet();
    half.set(0, GEOMETRY.chunkCount() / 2);
    fetch.copying(half);
    fetch.add(time -> 10 * MB, LATENCY);
    fetch.advance(2 * SIZE / (10 * MB));
    assertThat(fetch.isStored(0)).isFalse();
    assertThat(fetch.outstanding()).isZero();
    // the first of them come from here, the rest does not
    BitSet rest = new BitSet();
    rest.set(100, GEOMETRY.chunkCount() / 2);
    for (int chunk = 0; chunk < 100; chunk++) {
      fetch.copied(chunk);
    }
    fetch.notCopied(rest);
    double begun = fetch.time();
    double bytes = (double) rest.cardinality() * Geometry.CHUNK_BYTES;
    assertThat(fetch.run(200) - begun).isLessThan(1.1 * bytes / (10 * MB) + 1);
    assertThat(fetch.wastedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 50})
  void noMoreIsUnderWayThanItsShare(int share) {
    FetchSimulation fetch = new FetchSimulation(GEOMETRY, 1);
    fetch.allow(share);
    for (int i = 0; i < 5; i++) {
      fetch.add(time -> 5 * MB, LATENCY);
    }
    for (int i = 0; i < 100; i++) {
      fetch.advance(0.05);
      assertThat(fetch.outstanding()).isBetween(1, share);
    }
    fetch.allow(10_000);
    fetch.advance(2);
    assertThat(fetch.outstanding())
        .isGreaterThan(share)
        .isLessThanOrEqualTo(ScheduleLimits.DEFAULT.inAll());
  }
}
