package dev.gvmi.node.schedule;

import java.util.concurrent.TimeUnit;

/**
 * What a source delivers, while something is asked of it: bytes over time, where what lies a second
 * back counts half.
 *
 * <p><b>Units:</b> bytes, nanoseconds. Not thread-safe.
 */
final class Rate {
  private static final double HALF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private double bytes;
  private double nanos;

  /** So many bytes came in so much time. */
  void add(long moreBytes, long moreNanos) {
    double keep = Math.pow(0.5, moreNanos / HALF_LIFE_NANOS);
    bytes = bytes * keep + moreBytes;
    nanos = nanos * keep + moreNanos;
  }

  /** Whether enough was seen for a figure. */
  boolean isKnown() {
    return nanos > HALF_LIFE_NANOS / 10;
  }

  double bytesPerSecond() {
    return nanos == 0 ? 0 : bytes * TimeUnit.SECONDS.toNanos(1) / nanos;
  }
}
