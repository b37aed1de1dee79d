package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.fetch.ProgressSink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Turns how far a call is into events with a rate over the last two seconds. <b>Thread:</b> one at
 * a time.
 */
final class ProgressMeter implements ProgressSink {
  private static final long WINDOW_NANOS = 2_000_000_000L;
  private static final long INTERVAL_NANOS = 100_000_000L;

  private final Consumer<ProgressEvent> out;
  private final LongSupplier nanoTime;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private ProgressEvent last = new ProgressEvent("finding", 0, 0, 0, 0, null);

  private record Sample(long nanos, long bytes) {}

  ProgressMeter(Consumer<ProgressEvent> out, LongSupplier nanoTime) {
    this.out = out;
    this.nanoTime = nanoTime;
  }

  @Override
  public void progress(FetchProgress progress) {
    String phase = progress.phase().name().toLowerCase(Locale.ROOT);
    tell(phase, progress.doneBytes(), progress.totalBytes(), progress.peers());
  }

  @Override
  public void note(String line) {
    out.accept(
        new ProgressEvent(
            last.phase(),
            last.doneBytes(),
            last.totalBytes(),
            last.bytesPerSecond(),
            last.peers(),
            line));
  }

  /** For a call that has no peers; told at most ten times a second. */
  void advance(String phase, long doneBytes, long totalBytes) {
    Sample newest = samples.peekLast();
    boolean due = newest == null || nanoTime.getAsLong() - newest.nanos >= INTERVAL_NANOS;
    if (due || doneBytes == totalBytes) {
      tell(phase, doneBytes, totalBytes, 0);
    }
  }

  void tell(String phase, long doneBytes, long totalBytes, int peers) {
    long now = nanoTime.getAsLong();
    samples.addLast(new Sample(now, doneBytes));
    while (samples.size() > 2 && now - samples.getFirst().nanos > WINDOW_NANOS) {
      samples.removeFirst();
    }
    last = new ProgressEvent(phase, doneBytes, totalBytes, rate(), peers, null);
    out.accept(last);
  }

  private long rate() {
    Sample first = samples.getFirst();
    Sample newest = samples.getLast();
    long nanos = newest.nanos - first.nanos;
    return nanos <= 0 ? 0 : Math.max(0, (long) ((newest.bytes - first.bytes) * 1e9 / nanos));
  }
}
