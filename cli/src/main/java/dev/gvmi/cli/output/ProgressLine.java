package dev.gvmi.cli.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line on a terminal that is written over as a transfer goes on, at most ten times a second.
 * <b>Thread:</b> any.
 */
final class ProgressLine {
  private static final long MIN_GAP_NANOS = 100_000_000L;
  private static final String CLEAR = "\r\u001b[K";

  private final Console console;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private boolean shown;

  @GuardedBy("this")
  private long shownAtNanos;

  ProgressLine(Console console, LongSupplier nanoTime) {
    this.console = console;
    this.nanoTime = nanoTime;
  }

  synchronized void show(ProgressEvent event) {
    if (!console.terminal()) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (shown && now - shownAtNanos < MIN_GAP_NANOS) {
      return;
    }
    shown = true;
    shownAtNanos = now;
    console.raw(CLEAR + render(event));
  }

  synchronized void clear() {
    if (shown) {
      shown = false;
      console.raw(CLEAR);
    }
  }

  static String render(ProgressEvent event) {
    if (event.totalBytes() <= 0) {
      return event.phase() + "  " + HumanFormat.count(event.peers(), "peer");
    }
    long percent = Math.min(100, (long) (event.doneBytes() * 100.0 / event.totalBytes()));
    return String.format(
        Locale.ROOT,
        "%s %3d %%  %s of %s  %s%s%s",
        event.phase(),
        percent,
        HumanFormat.bytes(event.doneBytes()),
        HumanFormat.bytes(event.totalBytes()),
        HumanFormat.rate(event.bytesPerSecond()),
        event.peers() == 0 ? "" : "  " + HumanFormat.count(event.peers(), "peer"),
        timeLeft(event));
  }

  private static String timeLeft(ProgressEvent event) {
    long left = event.totalBytes() - event.doneBytes();
    if (event.bytesPerSecond() <= 0 || left <= 0) {
      return "";
    }
    long seconds = (left + event.bytesPerSecond() - 1) / event.bytesPerSecond();
    return "  " + (seconds < 60 ? seconds + " s" : HumanFormat.seconds(seconds * 1000)) + " left";
  }
}
