package dev.gvmi.node.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bounds the fetches that requests begin: how many at one time, and how many in a minute.
 * <b>Thread:</b> any.
 */
final class FetchGate {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final int most;
  private final int perMinute;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private final Deque<Long> begun = new ArrayDeque<>();

  @GuardedBy("this")
  private int running;

  FetchGate(GatewayLimits limits, LongSupplier nanoTime) {
    this.most = limits.fetches();
    this.perMinute = limits.fetchesPerMinute();
    this.nanoTime = nanoTime;
  }

  /** Whether another may begin; it is counted until {@link #ended}. */
  synchronized boolean begin() {
    long now = nanoTime.getAsLong();
    while (!begun.isEmpty() && now - begun.getFirst() >= MINUTE) {
      begun.removeFirst();
    }
    if (running >= most || begun.size() >= perMinute) {
      return false;
    }
    running++;
    begun.addLast(now);
    return true;
  }

  synchronized void ended() {
    running--;
  }
}
