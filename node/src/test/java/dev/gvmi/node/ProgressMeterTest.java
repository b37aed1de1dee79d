package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.fetch.ProgressSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressMeterTest {
  private static final long SECOND = 1_000_000_000L;
  private final List<ProgressEvent> events = new ArrayList<>();
  private long now;
  private final ProgressMeter meter = new ProgressMeter(events::add, () -> now);

  private void fetched(long bytes) {
    meter.progress(new ProgressSink.FetchProgress(ProgressSink.Phase.FETCHING, bytes, 10_000, 2));
  }

  @Test
  void theRateIsThatOfTheLastTwoSeconds() {
    for (int second = 0; second <= 10; second++) {
      now = second * SECOND;
      fetched(second <= 5 ? 100 * second : 500 + 1000 * (second - 5));
    }
    ProgressEvent last = events.getLast();
    assertThat(last.phase()).isEqualTo("fetching");
    assertThat(last.bytesPerSecond()).isEqualTo(1000);
    assertThat(last.doneBytes()).isEqualTo(5500);
    assertThat(last.peers()).isEqualTo(2);
  }

  @Test
  void aFirstEventHasNoRate() {
    fetched(700);
    assertThat(events.getLast().bytesPerSecond()).isZero();
  }

  @Test
  void aNoteKeepsWhatIsKnown() {
    fetched(700);
    meter.note("a peer left");
    assertThat(events.getLast().event()).isEqualTo("a peer left");
    assertThat(events.getLast().doneBytes()).isEqualTo(700);
  }

  @Test
  void anImportTellsTenTimesASecondAndAtItsEnd() {
    for (int i = 0; i <= 1000; i++) {
      now += SECOND / 1000;
      meter.advance("importing", i, 1000);
    }
    assertThat(events).hasSizeBetween(10, 12);
    assertThat(events.getLast().doneBytes()).isEqualTo(1000);
  }
}
