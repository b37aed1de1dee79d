package dev.gvmi.bench.swarm;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How a node is connected.
 *
 * <p><b>Units:</b> bytes per second; nanoseconds from the node to the middle of the network, so
 * that half a round trip between two is the sum of theirs.
 */
record Line(double up, double down, long latencyNanos) {
  private static final double BYTES_PER_MBIT = 125_000;

  /** The same both ways, in Mbit/s, and near by. */
  static Line symmetric(double mbit) {
    return new Line(
        mbit * BYTES_PER_MBIT, mbit * BYTES_PER_MBIT, Duration.ofNanos(50_000).toNanos());
  }

  /**
   * A home's: 10 to 100 Mbit/s up, each magnitude as likely as another, 2 to 5 times that down, 5
   * to 40 ms.
   */
  static Line home(RandomGenerator random) {
    double up = 10 * Math.pow(10, random.nextDouble()) * BYTES_PER_MBIT;
    double down = up * (2 + 3 * random.nextDouble());
    return new Line(up, down, Duration.ofMillis(5 + random.nextInt(36)).toNanos());
  }
}
