package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns<String> turns = new Turns<>();

  @Test
  void nobodyWaits() {
    assertThat(turns.next()).isNull();
    turns.wake("a");
    turns.clear();
    assertThat(turns.next()).isNull();
  }

  @Test
  void thoseThatKeepOnSendingTakeTurns() {
    turns.again("a", Turns.FIRST_BYTES);
    turns.again("b", 1 << 20);
    assertThat(turns.next()).isEqualTo("a");
    turns.again("a", 1 << 20);
    assertThat(turns.next()).isEqualTo("b");
    assertThat(turns.next()).isEqualTo("a");
  }

  @Test
  void oneThatWakesUpGoesFirstUntilItHasSentALittle() {
    turns.again("large", 1 << 20);
    turns.wake("small");
    assertThat(turns.next()).isEqualTo("small");
    turns.again("small", Turns.FIRST_BYTES - 1);
    assertThat(turns.next()).isEqualTo("small");
    turns.again("small", Turns.FIRST_BYTES);
    assertThat(turns.next()).isEqualTo("large");
    assertThat(turns.next()).isEqualTo("small");
  }

  @Test
  void thoseThatWakeUpAgainAndAgainDoNotStarveTheOthers() {
    turns.again("large", 1 << 20);
    turns.wake("restless");
    for (int i = 0; i < Turns.MOST_AHEAD; i++) {
      assertThat(turns.next()).isEqualTo("restless");
      turns.wake("restless");
    }
    assertThat(turns.next()).isEqualTo("large");
    assertThat(turns.next()).isEqualTo("restless");
  }
}
