package dev.gvmi.libp2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PacingLimitTest {
  private static final int MB = 1_000_000;

  private final PacingLimit pacing = new PacingLimit(0);
  private long acknowledged;
  private long now;

  /** Half a second at so many bytes per second. */
  private int at(int rate) {
    acknowledged += rate / 2;
    now += TimeUnit.MILLISECONDS.toNanos(500);
    return pacing.look(acknowledged, now);
  }

  @Test
  void thereIsNoneWhileTheRateGrows() {
    assertThat(at(5 * MB)).isEqualTo(PacingLimit.NONE);
    assertThat(at(10 * MB)).isEqualTo(PacingLimit.NONE);
    assertThat(at(20 * MB)).isEqualTo(PacingLimit.NONE);
  }

  @Test
  void isHalfAsFastAgainAsTheBestWhenItGrowsNoMore() {
    assertThat(at(20 * MB)).isEqualTo(PacingLimit.NONE);
    assertThat(at(24 * MB)).isEqualTo(36 * MB);
    assertThat(at(22 * MB)).isEqualTo(36 * MB);
  }

  @Test
  void aPauseChangesNothing() {
    at(20 * MB);
    at(20 * MB);
    assertThat(at(0)).isEqualTo(30 * MB);
    assertThat(at(9 * MB)).isEqualTo(30 * MB);
    assertThat(at(20 * MB)).isEqualTo(30 * MB);
  }

  @Test
  void endsWhenTheLineShowsToBeFaster() {
    at(20 * MB);
    at(20 * MB);
    assertThat(at(30 * MB)).isEqualTo(PacingLimit.NONE);
    assertThat(at(50 * MB)).isEqualTo(PacingLimit.NONE);
    assertThat(at(50 * MB)).isEqualTo(75 * MB);
  }

  @Test
  void slowLinesHaveNone() {
    for (int rate : new int[] {100, 100, MB, MB, 3 * MB, 3 * MB}) {
      assertThat(at(rate)).isEqualTo(PacingLimit.NONE);
    }
  }

  @Test
  void whatIsFasterThanTheOptionCanSayHasNone() {
    at(1_900 * MB);
    assertThat(at(1_900 * MB)).isEqualTo(PacingLimit.NONE);
  }
}
