package dev.gvmi.node.rate;

import java.util.concurrent.TimeUnit;

/**
 * How much may pass by now. What passes may be more than is there, which is then owed: so that the
 * long-run rate is exact whatever the size of the pieces. What is not used is kept for {@link
 * #BURST_NANOS} only.
 *
 * <p><b>Units:</b> bytes; nanoseconds of a clock of the caller. Not thread-safe.
 */
final class TokenBucket {
  static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long bytesPerSecond;
  private double bytes;
  private long at;

  /** One that is empty now. */
  TokenBucket(long bytesPerSecond, long now) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(bytesPerSecond + " bytes a second");
    }
    this.bytesPerSecond = bytesPerSecond;
    this.at = now;
  }

  /** How long nothing may pass; 0 if something may. */
  long waitNanos(long now) {
    fill(now);
    return bytes >= 0 ? 0 : (long) Math.ceil(-bytes / bytesPerSecond * NANOS);
  }

  /** Lets so many bytes pass unless something is owed. */
  boolean take(long amount, long now) {
    if (waitNanos(now) > 0) {
      return false;
    }
    bytes -= amount;
    return true;
  }

  private void fill(long now) {
    double burst = bytesPerSecond * (BURST_NANOS / NANOS);
    bytes = Math.min(burst, bytes + (now - at) / NANOS * bytesPerSecond);
    at = now;
  }
}
