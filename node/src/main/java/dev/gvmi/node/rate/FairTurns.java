package dev.gvmi.node.rate;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whose turn it is, so that all who wait get the same number of bytes, however many turns each asks
 * for at once.
 *
 * <p>Start-time fair queueing: each party has a clock of the bytes it was given; a turn is as early
 * as its party's clock says, and not earlier than the turn that is served now, so that who was away
 * has saved nothing up.
 *
 * <p><b>Source:</b> Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996. Not thread-safe.
 *
 * @param <K> who waits
 * @param <T> what a turn is good for
 */
final class FairTurns<K, T> {
  /**
   * Clocks of parties that do not wait are dropped from here on: they are hardly ahead of the
   * others.
   */
  static final int MAX_CLOCKS = 1024;

  private final TreeSet<Turn<K, T>> waiting =
      new TreeSet<>(
          Comparator.comparingLong((Turn<K, T> turn) -> turn.start())
              .thenComparingLong(turn -> turn.number()));

  private final Map<K, Long> clocks = new HashMap<>();
  private long served;
  private long lastNumber;

  /** A place in the queue. */
  record Turn<K, T>(K party, long start, long number, T purpose) {}

  /** Queues for so many bytes. */
  Turn<K, T> join(K party, long bytes, T purpose) {
    long start = Math.max(served, clocks.getOrDefault(party, 0L));
    if (clocks.size() >= MAX_CLOCKS) {
      clocks.values().removeIf(clock -> clock <= served);
    }
    if (clocks.size() < MAX_CLOCKS || clocks.containsKey(party)) {
      clocks.put(party, start + bytes);
    }
    Turn<K, T> turn = new Turn<>(party, start, ++lastNumber, purpose);
    waiting.add(turn);
    return turn;
  }

  /** Who is next. */
  Optional<Turn<K, T>> first() {
    return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.first());
  }

  /** The turn was taken. */
  void served(Turn<K, T> turn) {
    waiting.remove(turn);
    served = Math.max(served, turn.start());
  }

  /** The turn is not wanted any more. */
  void leave(Turn<K, T> turn) {
    waiting.remove(turn);
  }

  int size() {
    return waiting.size();
  }
}
