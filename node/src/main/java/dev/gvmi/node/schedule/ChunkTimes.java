package dev.gvmi.node.schedule;

import java.util.Arrays;

/**
 * How long chunks took lately, from being asked for to being stored.
 *
 * <p><b>Units:</b> nanoseconds. Not thread-safe.
 */
final class ChunkTimes {
  private static final int RECENT = 128;

  /** With fewer nothing is known. */
  private static final int ENOUGH = 16;

  private final long[] recent = new long[RECENT];
  private int count;

  void add(long nanos) {
    recent[count++ % RECENT] = nanos;
    if (count == 2 * RECENT) {
      count = RECENT;
    }
  }

  /** Nine of ten took no longer; the longest time there is while nothing is known. */
  long ninetiethPercentile() {
    int known = Math.min(count, RECENT);
    if (known < ENOUGH) {
      return Long.MAX_VALUE;
    }
    long[] sorted = Arrays.copyOf(recent, known);
    Arrays.sort(sorted);
    return sorted[(known * 9 - 1) / 10];
  }
}
