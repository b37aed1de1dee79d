package dev.gvmi.libp2p.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DialBackOffTest {
  private static final Multiaddr ADDRESS = address(1);
  private final DialBackOff backOff = new DialBackOff();
  private Instant now = Instant.EPOCH;

  private static Multiaddr address(int port) {
    return Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port);
  }

  /** How long it is left alone after one more failure, in seconds. */
  private long pause() {
    backOff.failed(ADDRESS, now);
    long seconds = 0;
    while (backOff.isBackedOff(ADDRESS, now)) {
      now = now.plusSeconds(1);
      seconds++;
    }
    return seconds;
  }

  @Test
  void eachFailureMakesThePauseLongerUpToFiveMinutes() {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pauses.add(pause());
    }
    assertThat(pauses.subList(0, 5)).containsExactly(5L, 6L, 9L, 14L, 21L);
    assertThat(pauses.subList(17, 20)).containsExactly(294L, 300L, 300L);
  }

  @Test
  void successEndsIt() {
    pause();
    backOff.failed(ADDRESS, now);
    backOff.succeeded(ADDRESS);
    assertThat(backOff.isBackedOff(ADDRESS, now)).isFalse();
    assertThat(pause()).isEqualTo(5);
  }

  @Test
  void theCountBeginsAnewAfterALongTimeWithoutFailure() {
    pause();
    pause();
    now = now.plus(Duration.ofMinutes(5));
    assertThat(pause()).isEqualTo(5);
  }

  @Test
  void forgetsTheLongestUntouchedBeyondItsLimit() {
    for (int port = 1; port <= DialBackOff.MAX_ADDRESSES; port++) {
      backOff.failed(address(port), now);
    }
    assertThat(backOff.isBackedOff(address(1), now)).isTrue();
    backOff.failed(address(DialBackOff.MAX_ADDRESSES + 1), now);
    assertThat(backOff.size()).isEqualTo(DialBackOff.MAX_ADDRESSES);
    assertThat(backOff.isBackedOff(address(2), now)).isFalse();
    assertThat(backOff.isBackedOff(address(1), now)).isTrue();
  }
}
