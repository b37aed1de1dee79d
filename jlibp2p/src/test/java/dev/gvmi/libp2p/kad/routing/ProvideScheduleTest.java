package dev.gvmi.libp2p.kad.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProvideScheduleTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_003);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final TestPeers peers = new TestPeers(5);
  private final KadId self = peers.key().id();
  private final MemoryProviderStore store = new MemoryProviderStore();
  private final ProvideSchedule schedule = new ProvideSchedule(self, HOUR, RETRY, store);

  private Duration untilNext(Instant from) {
    return Duration.between(from, schedule.next().orElseThrow());
  }

  @Test
  void aNewKeyIsDueAtOnce() {
    KadKey key = peers.key();
    assertThat(schedule.add(key, NOW)).isTrue();
    assertThat(schedule.add(key, NOW)).isFalse();
    assertThat(schedule.due(NOW, 10)).containsExactly(key);
  }

  @Test
  void isDueAgainEachHourMoreOrLess() {
    KadKey key = peers.key();
    schedule.add(key, NOW);
    schedule.announced(key, NOW);
    assertThat(untilNext(NOW)).isBetween(Duration.ofMinutes(24), Duration.ofMinutes(96));
    Instant at = schedule.next().orElseThrow();
    for (int i = 0; i < 48; i++) {
      assertThat(schedule.due(at.minusMillis(1), 10)).isEmpty();
      assertThat(schedule.due(at, 10)).containsExactly(key);
      schedule.announced(key, at);
      assertThat(untilNext(at)).isBetween(Duration.ofMinutes(48), Duration.ofMinutes(72));
      at = schedule.next().orElseThrow();
    }
  }

  @Test
  void keysSpreadOverTheHour() {
    for (int i = 0; i < 600; i++) {
      KadKey key = peers.key();
      schedule.add(key, NOW);
      schedule.announced(key, NOW);
    }
    // Each first time lies 0.4 to 1.6 hours ahead: on average 8 and a third in a minute.
    int most = 0;
    for (int minute = 24; minute < 96; minute++) {
      Instant end = NOW.plus(Duration.ofMinutes(minute + 1));
      List<KadKey> due = schedule.due(end, 1000);
      due.forEach(key -> schedule.announced(key, end.plus(Duration.ofDays(1))));
      most = Math.max(most, due.size());
    }
    assertThat(most).isLessThan(30);
  }

  @Test
  void nodesWithTheSameKeySpreadToo() {
    KadKey key = peers.key();
    List<Instant> times =
        java.util.stream.IntStream.range(0, 50)
            .mapToObj(i -> {
              ProvideSchedule other =
                  new ProvideSchedule(peers.key().id(), HOUR, RETRY, new MemoryProviderStore());
              other.add(key, NOW);
              other.announced(key, NOW);
              return other.next().orElseThrow();
            })
            .toList();
    assertThat(times).doesNotHaveDuplicates();
  }

  @Test
  void aRestartChangesNoTime() {
    KadKey announced = peers.key();
    KadKey waiting = peers.key();
    schedule.add(announced, NOW);
    schedule.announced(announced, NOW);
    Instant next = schedule.next().orElseThrow();
    schedule.add(waiting, NOW);
    ProvideSchedule restarted = new ProvideSchedule(self, HOUR, RETRY, store);
    assertThat(restarted.due(NOW, 10)).containsExactly(waiting);
    restarted.announced(waiting, NOW.plus(Duration.ofDays(9)));
    assertThat(restarted.next()).contains(next);
    assertThat(restarted.contains(announced)).isTrue();
  }

  @Test
  void failingIsTriedAgainSoon() {
    KadKey key = peers.key();
    schedule.add(key, NOW);
    schedule.failed(key, NOW);
    assertThat(schedule.due(NOW, 10)).isEmpty();
    assertThat(schedule.due(NOW.plus(RETRY), 10)).containsExactly(key);
  }

  @Test
  void aKeyThatIsRemovedStaysSo() {
    KadKey key = peers.key();
    schedule.add(key, NOW);
    schedule.remove(key);
    schedule.announced(key, NOW);
    schedule.failed(key, NOW);
    assertThat(schedule.next()).isEmpty();
    assertThat(store.provided()).isEmpty();
  }
}
