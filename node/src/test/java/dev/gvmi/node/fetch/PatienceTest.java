package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PatienceTest {
  private final Patience patience = new Patience(0);

  private boolean isSpent(Duration at, int holders, boolean busy, boolean others) {
    return patience.spent(at.toNanos(), holders, busy, others).isPresent();
  }

  @Test
  void withoutHoldersItEndsSoonAndSoonerBesideOthers() {
    assertThat(isSpent(Patience.ALONE_BESIDE_OTHERS, 0, false, true)).isFalse();
    assertThat(isSpent(Patience.ALONE_BESIDE_OTHERS.plusNanos(1), 0, false, false)).isFalse();
    assertThat(isSpent(Patience.ALONE_BESIDE_OTHERS.plusNanos(1), 0, false, true)).isTrue();
    assertThat(isSpent(Patience.ALONE.plusNanos(1), 0, false, false)).isTrue();
  }

  @Test
  void aHolderThatComesBackStartsItAnew() {
    assertThat(isSpent(Patience.ALONE, 1, true, false)).isFalse();
    assertThat(isSpent(Patience.ALONE.plusSeconds(1), 0, false, false)).isFalse();
  }

  @Test
  void holdersThatDeliverNothingAreLeftForOthersOnly() {
    Duration late = Patience.STUCK_BESIDE_OTHERS.plusNanos(1);
    assertThat(isSpent(late, 3, true, false)).isFalse();
    assertThat(isSpent(late, 3, true, true)).isTrue();
    patience.chunk(late.toNanos());
    assertThat(isSpent(late, 3, true, true)).isFalse();
  }

  @Test
  void holdersOfWhichNoneHasWhatIsMissingAreNotWaitedForForever() {
    assertThat(isSpent(Patience.IDLE, 3, false, false)).isFalse();
    assertThat(isSpent(Patience.IDLE.plusNanos(1), 3, false, false)).isTrue();
    assertThat(isSpent(Patience.IDLE.plusNanos(1), 3, true, false)).isFalse();
  }
}
