package dev.gvmi.node.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.schedule.FetchShares.Priority;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChunkTimesTest {
  private static ChunkTimes times(int from, int to) {
    ChunkTimes times = new ChunkTimes();
    for (int i = from; i <= to; i++) {
      times.add(i);
    }
    return times;
  }

  @Test
  void nineOfTenTookNoLonger() {
    assertThat(times(1, 100).ninetiethPercentile()).isEqualTo(90);
    assertThat(times(1, 20).ninetiethPercentile()).isEqualTo(18);
  }

  @Test
  void ofFewNothingIsKnown() {
    assertThat(times(1, 15).ninetiethPercentile()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatIsLongAgoDoesNotCount() {
    ChunkTimes times = times(1, 1000);
    for (int i = 0; i < 128; i++) {
      times.add(5);
    }
    assertThat(times.ninetiethPercentile()).isEqualTo(5);
  }

  @Test
  void fewAreAskedTwiceWhateverIsOverdue() {
    Hedges hedges = new Hedges();
    Source source = new Source(ChunkSchedulerTest.peer(), ScheduleLimits.DEFAULT, 0);
    for (int chunk = 0; chunk < 60; chunk++) {
      source.ask(chunk, 0);
    }
    for (int i = 0; i < 40; i++) {
      hedges.stored(1);
      source.times().add(1);
    }
    hedges.look(List.of(source), Hedges.LEAST_NANOS, -1);
    assertThat(hedges.next(chunk -> true)).isEqualTo(-1);
    hedges.look(List.of(source), Hedges.LEAST_NANOS + 1, 30);
    assertThat(hedges.next(chunk -> chunk > 40)).isEqualTo(41);
    assertThat(hedges.next(chunk -> true)).isEqualTo(30);
    while (hedges.next(chunk -> true) >= 0) {
      assertThat(hedges.asked()).isLessThanOrEqualTo(Hedges.FREE + 40 / Hedges.ONE_OF);
    }
    assertThat(hedges.asked()).isEqualTo(Hedges.FREE + 40 / Hedges.ONE_OF);
  }

  @Test
  void aTaskThatWaitsGoesBeforeWhatIsFetchedAhead() {
    FetchShares shares = new FetchShares(500);
    FetchShares.Ticket ahead = shares.join(Priority.WARM_UP);
    FetchShares.Ticket other = shares.join(Priority.WARM_UP);
    assertThat(ahead.allowed()).isEqualTo(250);
    FetchShares.Ticket task = shares.join(Priority.TASK);
    assertThat(ahead.allowed()).isEqualTo(FetchShares.LEAST);
    assertThat(task.allowed()).isEqualTo(500 - 2 * FetchShares.LEAST);
    FetchShares.Ticket second = shares.join(Priority.TASK);
    assertThat(task.allowed()).isEqualTo(second.allowed()).isEqualTo(246);
    task.close();
    second.close();
    other.close();
    assertThat(ahead.allowed()).isEqualTo(500);
  }

  @Test
  void howeverManyRunEachGoesOn() {
    FetchShares shares = new FetchShares(10);
    for (int i = 0; i < 20; i++) {
      Priority priority = i % 2 == 0 ? Priority.TASK : Priority.WARM_UP;
      assertThat(shares.join(priority).allowed()).isPositive();
    }
  }
}
