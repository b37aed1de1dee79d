package dev.gvmi.bench.swarm;

import java.util.Arrays;

/**
 * A clock that stands still between events: a heap of four branches by time, events of one time in
 * the order they came.
 *
 * <p><b>Units:</b> nanoseconds. <b>Thread:</b> one.
 */
final class Agenda {
  private static final int BRANCHES = 4;

  private long[] times = new long[1024];
  private long[] numbers = new long[1024];
  private Runnable[] actions = new Runnable[1024];
  private int size;
  private long now;
  private long next;

  long now() {
    return now;
  }

  void after(long nanos, Runnable action) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      actions = Arrays.copyOf(actions, 2 * size);
    }
    rise(size++, now + nanos, next++, action);
  }

  /** Does what is next; false if that is later than {@code end}, or nothing is. */
  boolean step(long end) {
    if (size == 0 || times[0] > end) {
      return false;
    }
    Runnable action = actions[0];
    now = times[0];
    size--;
    sink(times[size], numbers[size], actions[size]);
    actions[size] = () -> {};
    action.run();
    return true;
  }

  private void rise(int from, long time, long number, Runnable action) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) / BRANCHES;
      if (isBefore(parent, time, number)) {
        break;
      }
      move(parent, at);
      at = parent;
    }
    put(at, time, number, action);
  }

  private void sink(long time, long number, Runnable action) {
    int at = 0;
    while (BRANCHES * at + 1 < size) {
      int first = BRANCHES * at + 1;
      int least = first;
      for (int i = first + 1; i < Math.min(size, first + BRANCHES); i++) {
        least = isBefore(i, times[least], numbers[least]) ? i : least;
      }
      if (!isBefore(least, time, number)) {
        break;
      }
      move(least, at);
      at = least;
    }
    put(at, time, number, action);
  }

  private boolean isBefore(int at, long time, long number) {
    return times[at] < time || (times[at] == time && numbers[at] < number);
  }

  private void move(int from, int to) {
    put(to, times[from], numbers[from], actions[from]);
  }

  private void put(int at, long time, long number, Runnable action) {
    times[at] = time;
    numbers[at] = number;
    actions[at] = action;
  }
}
