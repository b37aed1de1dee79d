package dev.gvmi.bench.line;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One way of a line: a queue before it, which drops what does not fit, the rate, then the delay.
 *
 * <p><b>Thread:</b> one of its own receives, one sends.
 */
final class Direction {
  private static final int PACKETS = 1 << 14;
  private static final int PACKET_BYTES = 2048;

  /** Shorter than any delay: a packet that comes meanwhile is not due yet. */
  private static final long IDLE_NANOS = 1_000_000;

  /**
   * So much later than it is due a packet may be: to be woken for each costs more than to carry it.
   */
  private static final long LATE_NANOS = 500_000;

  private final String name;
  private final TunDevice from;
  private final TunDevice to;
  private final double nanosPerByte;
  private final long delayNanos;
  private final long queueNanos;

  private final MemorySegment[] packets = new MemorySegment[PACKETS];
  private final int[] bytes = new int[PACKETS];
  private final long[] due = new long[PACKETS];

  /** Packets received and sent in all: what lies between is on the line. */
  private final AtomicLong received = new AtomicLong();

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  Direction(String name, TunDevice from, TunDevice to, LineSpeed speed) {
    this.name = name;
    this.from = from;
    this.to = to;
    this.nanosPerByte = 8e3 / speed.megabits();
    this.delayNanos = speed.delayNanos();
    this.queueNanos = speed.queueNanos();
    MemorySegment all = Arena.global().allocate((long) PACKETS * PACKET_BYTES);
    for (int i = 0; i < PACKETS; i++) {
      packets[i] = all.asSlice((long) i * PACKET_BYTES, PACKET_BYTES);
    }
  }

  void start() {
    Thread.ofPlatform().name("receive " + name).daemon().start(this::receive);
    Thread.ofPlatform().name("send " + name).start(this::send);
  }

  private void receive() {
    long freeAt = System.nanoTime();
    while (true) {
      int slot = (int) (received.get() % PACKETS);
      int length = from.read(packets[slot]);
      long now = System.nanoTime();
      freeAt = Math.max(freeAt, now);
      if (length <= 0) {
        LockSupport.parkNanos(IDLE_NANOS); // the device is down
      } else if (freeAt - now > queueNanos || received.get() - sent.get() >= PACKETS - 1) {
        dropped.incrementAndGet();
      } else {
        freeAt += (long) (length * nanosPerByte);
        bytes[slot] = length;
        due[slot] = freeAt + delayNanos;
        received.incrementAndGet();
      }
    }
  }

  private void send() {
    while (true) {
      long number = sent.get();
      if (number == received.get()) {
        LockSupport.parkNanos(IDLE_NANOS);
        continue;
      }
      int slot = (int) (number % PACKETS);
      for (long left = due[slot] - System.nanoTime();
          left > 0;
          left = due[slot] - System.nanoTime()) {
        LockSupport.parkNanos(left + LATE_NANOS);
      }
      to.write(packets[slot], bytes[slot]);
      sentBytes.addAndGet(bytes[slot]);
      sent.incrementAndGet();
    }
  }

  /** What went over it. */
  String told() {
    return String.format(
        Locale.ROOT,
        "%s: %d packets, %.1f MB, %d dropped",
        name,
        sent.get(),
        sentBytes.get() / 1e6,
        dropped.get());
  }
}
