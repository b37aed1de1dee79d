package dev.gvmi.libp2p.muxer.yamux;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to send a frame. Those that keep on sending take turns; one that wakes up goes
 * before them, so that an answer of a few bytes does not wait until each large stream has sent a
 * frame, which takes 200 ms for four of them on an uplink of 10 Mbit/s. After {@link #FIRST_BYTES}
 * it is one of those that keep on sending, and these get a turn after {@link #MOST_AHEAD} of those
 * that wake up.
 *
 * <p><b>Thread:</b> event loop of the connection.
 *
 * <p><b>Source:</b> the two lists of RFC 8290 (FQ-CoDel), section 4.2.
 */
final class Turns<S> {
  /** What a stream may send first after it has woken up. */
  static final int FIRST_BYTES = 16 << 10;

  static final int MOST_AHEAD = 8;

  private final Deque<S> woken = new ArrayDeque<>();
  private final Deque<S> sending = new ArrayDeque<>();
  private int ahead;

  /** Adds one that had nothing to send until now. */
  void wake(S stream) {
    woken.add(stream);
  }

  /**
   * Adds one again after its turn.
   *
   * @param bytes that it has sent since it woke up
   */
  void again(S stream, long bytes) {
    (bytes < FIRST_BYTES ? woken : sending).add(stream);
  }

  /** Takes the next; null if there is none. */
  @Nullable S next() {
    boolean first = !woken.isEmpty() && (ahead < MOST_AHEAD || sending.isEmpty());
    ahead = first ? ahead + 1 : 0;
    return first ? woken.poll() : sending.poll();
  }

  void clear() {
    woken.clear();
    sending.clear();
  }
}
