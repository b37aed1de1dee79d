package dev.gvmi.node.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class TokenBucketTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @Test
  void tenSecondsOfAnySizesAreWithinAHundredthOfTheRate() {
    for (int most : new int[] {100, 65_536, 262_144}) {
      Random random = new Random(most);
      TokenBucket bucket = new TokenBucket(5_000_000, 0);
      long now = 0;
      long passed = 0;
      while (now < 10 * SECOND) {
        int piece = 1 + random.nextInt(most);
        if (bucket.take(piece, now)) {
          passed += piece;
        } else {
          now += bucket.waitNanos(now);
        }
      }
      assertThat(passed).isCloseTo(50_000_000, Percentage.withPercentage(1));
    }
  }

  @Test
  void whatIsNotUsedIsKeptForAMomentOnly() {
    TokenBucket bucket = new TokenBucket(1_000_000, 0);
    long now = 60 * SECOND;
    long passed = 0;
    while (bucket.take(1000, now)) {
      passed += 1000;
    }
    assertThat(passed).isCloseTo(50_000, within(1000L));
  }

  @Test
  void nothingPassesWhileSomethingIsOwed() {
    TokenBucket bucket = new TokenBucket(1000, 0);
    assertThat(bucket.take(500, 0)).isTrue();
    assertThat(bucket.take(1, SECOND / 4)).isFalse();
    assertThat(bucket.waitNanos(SECOND / 4)).isEqualTo(SECOND / 4);
    assertThat(bucket.take(1, SECOND / 2)).isTrue();
  }

  @Test
  void ratesAreOfAByteAtLeast() {
    assertThatThrownBy(() -> new TokenBucket(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RateLimit(RateLimit.LEAST - 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
