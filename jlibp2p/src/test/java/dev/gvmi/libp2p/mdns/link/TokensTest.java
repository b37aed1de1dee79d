package dev.gvmi.libp2p.mdns.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TokensTest {
  private final Tokens tokens = new Tokens(10, Instant.EPOCH);

  private int taken(Instant now) {
    int taken = 0;
    while (tokens.take(now)) {
      taken++;
    }
    return taken;
  }

  @Test
  void hasFourSecondsOfThemAtOnce() {
    assertThat(taken(Instant.EPOCH)).isEqualTo(40);
    assertThat(taken(Instant.EPOCH.plusSeconds(1))).isEqualTo(10);
  }

  @Test
  void doesNotSaveMore() {
    assertThat(taken(Instant.EPOCH.plus(Duration.ofHours(1)))).isEqualTo(40);
  }

  @Test
  void saysWhenTheNextOneIsThere() {
    taken(Instant.EPOCH);
    assertThat(tokens.next()).isEqualTo(Instant.EPOCH.plusMillis(100));
    assertThat(tokens.take(Instant.EPOCH.plusMillis(99))).isFalse();
    assertThat(tokens.take(Instant.EPOCH.plusMillis(100))).isTrue();
  }
}
