package dev.gvmi.node.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;

/**
 * Chunks that are worth asking for twice before the end has come: while somebody reads, those that
 * take longer than nine of ten of the same peer did lately; where he waits for them, nine of ten of
 * all. While nobody reads, twice as long: in a crowd all lines are full, and what comes twice there
 * takes the place of what has not come. So a peer that became slow, and does not stand still, holds
 * nothing up for long, and one that always was goes on helping. Few at a time, and few in all: each
 * may come twice.
 *
 * <p>Not thread-safe.
 */
final class Hedges {
  /** Whatever others took, this is no long time. */
  static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** So many may be asked twice whatever has come; and one more for so many that came. */
  static final int FREE = 16;

  static final int ONE_OF = 20;

  /** So many at a time: all are looked at for each peer that has room. */
  private static final int MOST = 32;

  /** The first chunks from the reader on. */
  private static final int NEAR = 8;

  private final ChunkTimes times = new ChunkTimes();
  private final List<Integer> overdue = new ArrayList<>();
  private int stored;
  private int asked;

  /** A chunk came, so long after it was asked for. */
  void stored(long nanos) {
    times.add(nanos);
    stored++;
  }

  /**
   * Looks for what is overdue now; {@code reader} is the chunk that somebody waits for: what comes
   * soon behind it goes first.
   */
  void look(Collection<Source> sources, long now, int reader) {
    overdue.clear();
    long all = Math.max(LEAST_NANOS, times.ninetiethPercentile());
    for (Source source : sources) {
      long own = Math.max(LEAST_NANOS, source.times().ninetiethPercentile());
      long late = reader >= 0 ? own : 2 * Math.min(own, Long.MAX_VALUE / 2);
      source.forEachOwed((chunk, askedAt) -> {
        boolean isNear = reader >= 0 && chunk >= reader && chunk < reader + NEAR;
        if (now - askedAt > (isNear ? Math.min(own, all) : late)) {
          overdue.add(chunk);
        }
      });
    }
    overdue.sort(Comparator.comparingInt(chunk -> chunk < reader ? Integer.MAX_VALUE : chunk));
    if (overdue.size() > MOST) {
      overdue.subList(MOST, overdue.size()).clear();
    }
  }

  /** The next that is wanted, and is taken off; -1 for none, or if enough were asked twice. */
  int next(IntPredicate wanted) {
    if (asked >= FREE + stored / ONE_OF) {
      return -1;
    }
    for (int i = 0; i < overdue.size(); i++) {
      int chunk = overdue.get(i);
      if (wanted.test(chunk)) {
        overdue.remove(/* index */ i);
        asked++;
        return chunk;
      }
    }
    return -1;
  }

  /** How many were asked twice. */
  int asked() {
    return asked;
  }
}
