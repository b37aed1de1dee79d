package dev.gvmi.node.schedule;

import dev.gvmi.protocol.manifest.Geometry;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Which chunk is next. What its source has handed to nobody goes first: others will have the rest
 * soon. Then the rarest; but while enough segments are begun and not finished, their chunks go
 * before rarer ones, so that their hashing starts early. Among equals a begun segment, then chance.
 *
 * <p>Not thread-safe.
 */
final class OpenSegments {
  /** Chunks that are compared. */
  private static final int MAX_CANDIDATES = 4096;

  private static final int NONE = -1;

  /** More than any number of holders, doubled. */
  private static final long ELSEWHERE = 1L << 32;

  private static final long HANDED = 1L << 33;

  private final Geometry geometry;
  private final BitSet stored;
  private final int most;
  private final RandomGenerator random;
  private final int[] holders;
  private final BitSet open = new BitSet();

  /** The chunks of the open segments. */
  private final BitSet begun = new BitSet();

  /**
   * @param stored the chunks that are here, as its owner changes it
   */
  OpenSegments(Geometry geometry, BitSet stored, int most, RandomGenerator random) {
    this.geometry = geometry;
    this.stored = stored;
    this.most = most;
    this.random = random;
    this.holders = new int[geometry.chunkCount()];
  }

  /** Counts who holds these chunks: one more, or one less. */
  void count(BitSet chunks, int by) {
    for (int i = chunks.nextSetBit(0); i >= 0; i = chunks.nextSetBit(i + 1)) {
      holders[i] += by;
    }
  }

  /** Closes the segments that this chunk made whole. */
  void stored(int chunk) {
    int last = geometry.lastSegmentOf(chunk);
    for (int segment = geometry.firstSegmentOf(chunk); segment <= last; segment++) {
      int next = stored.nextClearBit(geometry.firstChunkOf(segment));
      if (next > geometry.lastChunkOf(segment)) {
        open.clear(segment);
      }
    }
  }

  /**
   * Which of these chunks is asked for next; -1 if there are none.
   *
   * @param handed what the source has handed to somebody
   * @param inCrowd whether it serves others: who goes on with what is begun asks for the same as
   *     they do
   */
  int next(BitSet wanted, BitSet handed, boolean inCrowd) {
    Choice choice = new Choice(wanted, handed, inCrowd);
    int start = random.nextInt(geometry.chunkCount());
    choice.look(start, geometry.chunkCount());
    choice.look(0, start);
    if (!inCrowd && geometry.chunkCount() > MAX_CANDIDATES) {
      choice.lookAtOpen();
    }
    if (choice.best != NONE && !begun.get(choice.best)) {
      open(geometry.firstSegmentOf(choice.best));
    }
    return choice.best;
  }

  private void open(int segment) {
    open.set(segment);
    begun.set(geometry.firstChunkOf(segment), geometry.lastChunkOf(segment) + 1);
  }

  /** The best of those that were looked at; the first of equals. */
  private final class Choice {
    private final BitSet wanted;
    private final BitSet handed;
    private final boolean inCrowd;
    private final boolean enoughAreOpen;
    private int best = NONE;
    private long least = Long.MAX_VALUE;
    private int compared;

    Choice(BitSet wanted, BitSet handed, boolean inCrowd) {
      this.wanted = wanted;
      this.handed = handed;
      this.inCrowd = inCrowd;
      this.enoughAreOpen = open.cardinality() >= most;
    }

    void look(int from, int to) {
      for (int i = wanted.nextSetBit(from);
          i >= 0 && i < to && compared < MAX_CANDIDATES;
          i = wanted.nextSetBit(i + 1)) {
        compared++;
        long rank = rank(i);
        if (rank < least) {
          least = rank;
          best = i;
        }
      }
    }

    void lookAtOpen() {
      for (int segment = open.nextSetBit(0); segment >= 0; segment = open.nextSetBit(segment + 1)) {
        compared = 0;
        look(geometry.firstChunkOf(segment), geometry.lastChunkOf(segment) + 1);
      }
    }

    private long rank(int chunk) {
      long rank = 2L * holders[chunk];
      if (!inCrowd && !begun.get(chunk)) {
        rank += enoughAreOpen ? ELSEWHERE : 1;
      }
      return handed.get(chunk) ? rank + HANDED : rank;
    }
  }
}
