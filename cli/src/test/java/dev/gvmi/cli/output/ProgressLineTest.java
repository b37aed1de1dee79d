package dev.gvmi.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final ProgressEvent HALF =
      new ProgressEvent("fetching", 50_000_000, 100_000_000, 10_000_000, 2, null);

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();

  private ProgressLine line(boolean terminal) {
    PrintStream stream = new PrintStream(err, true, UTF_8);
    return new ProgressLine(new Console(stream, stream, terminal), clock::get);
  }

  @Test
  void tellsPercentBytesRatePeersAndTimeLeft() {
    assertThat(ProgressLine.render(HALF))
        .isEqualTo("fetching  50 %  50.0 MB of 100 MB  10.0 MB/s  2 peers  5 s left");
  }

  @Test
  void anImportHasNoPeers() {
    assertThat(
            ProgressLine.render(
                new ProgressEvent("importing", 50_000_000, 100_000_000, 10_000_000, 0, null)))
        .isEqualTo("importing  50 %  50.0 MB of 100 MB  10.0 MB/s  5 s left");
  }

  @Test
  void tellsOnlyPeersWhileTheSizeIsNotKnown() {
    assertThat(ProgressLine.render(new ProgressEvent("finding", 0, 0, 0, 1, null)))
        .isEqualTo("finding  1 peer");
  }

  @Test
  void writesAtMostTenTimesASecondAndClearsItself() {
    ProgressLine line = line(true);
    line.show(HALF);
    int once = err.size();
    clock.set(99_999_999);
    line.show(HALF);
    assertThat(err.size()).isEqualTo(once);
    clock.set(100_000_000);
    line.show(HALF);
    assertThat(err.size()).isEqualTo(2 * once);

    line.clear();
    assertThat(err.toString(UTF_8)).endsWith("\r\u001b[K");
  }

  @Test
  void writesNothingWithoutATerminal() {
    ProgressLine line = line(false);
    line.show(HALF);
    line.clear();
    assertThat(err.size()).isZero();
  }
}
