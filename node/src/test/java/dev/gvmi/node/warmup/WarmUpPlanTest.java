package dev.gvmi.node.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class WarmUpPlanTest {
  private static final String HASH = "ab".repeat(28);
  private static final String TAG = "golem/alpine:latest";
  private static final ImageId A = ((ImageRef.Hash) ImageRef.parse(HASH)).image();
  private static final ImageId B = ((ImageRef.Hash) ImageRef.parse("cd".repeat(28))).image();
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final WarmUpPlan plan = new WarmUpPlan(List.of(HASH, TAG, HASH), Duration.ofHours(1), 7);

  @Test
  void bringsThemInTheOrderInWhichTheyAreNamed() {
    assertThat(plan.next()).contains(new WarmUpPlan.Next(HASH, null, 7));
    plan.failed(HASH, 10);
    assertThat(plan.next()).contains(new WarmUpPlan.Next(TAG, null, 7));
  }

  @Test
  void aHashThatCameIsDoneWithAndATagIsAskedForAgain() {
    plan.came(HASH, A, 10);
    plan.came(TAG, A, 20);
    assertThat(plan.next()).contains(new WarmUpPlan.Next(TAG, A, 20 + 60 * MINUTE));
    plan.came(TAG, B, 30);
    assertThat(plan.next()).contains(new WarmUpPlan.Next(TAG, B, 30 + 60 * MINUTE));
  }

  @Test
  void endsWhenAllHashesCame() {
    WarmUpPlan hashes = new WarmUpPlan(List.of(HASH), Duration.ofHours(1), 0);
    hashes.came(HASH, A, 10);
    assertThat(hashes.next()).isEmpty();
    assertThat(new WarmUpPlan(List.of(), Duration.ofHours(1), 0).next()).isEmpty();
  }

  @Test
  void whatDidNotComeIsTriedAgainSoonAndThenLessOften() {
    plan.came(HASH, A, 0);
    long now = 0;
    for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      plan.failed(TAG, now);
      long due = plan.next().orElseThrow().due();
      assertThat(due - now).isEqualTo(minutes * MINUTE);
      now = due;
    }
    plan.came(TAG, B, now);
    plan.failed(TAG, now);
    assertThat(plan.next()).contains(new WarmUpPlan.Next(TAG, B, now + MINUTE));
  }

  @Test
  void noTryWaitsLongerThanATagDoes() {
    WarmUpPlan often = new WarmUpPlan(List.of(TAG), Duration.ofSeconds(5), 0);
    often.failed(TAG, 0);
    often.failed(TAG, 0);
    assertThat(often.next().orElseThrow().due()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
  }
}
