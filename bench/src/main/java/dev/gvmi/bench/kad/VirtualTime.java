package dev.gvmi.bench.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/** A clock that stands still between events. <b>Thread:</b> one. */
final class VirtualTime {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long millis = 1_000_000_000_000L;
  private long numbers;

  private record Event(long atMillis, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int order = Long.compare(atMillis, other.atMillis);
      return order == 0 ? Long.compare(number, other.number) : order;
    }
  }

  Instant now() {
    return Instant.ofEpochMilli(millis);
  }

  long millis() {
    return millis;
  }

  void after(long delayMillis, Runnable action) {
    events.add(new Event(millis + delayMillis, numbers++, action));
  }

  /** Lets time pass, with all that happens in it. */
  void pass(Duration duration) {
    long end = millis + duration.toMillis();
    for (Event next = events.peek(); next != null && next.atMillis() <= end; next = events.peek()) {
      events.remove();
      millis = next.atMillis();
      next.action().run();
    }
    millis = end;
  }
}
