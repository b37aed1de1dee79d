package dev.gvmi.node.schedule;

import dev.gvmi.protocol.manifest.Geometry;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * The segments that are begun and not finished. Few are open at a time, so that their hashing starts early; the next to be
 * opened is the rarest, by its rarest missing chunk, ties at random.
 *
 * <p>Not thread-safe.
 */
final class OpenSegments {
  private static final int MAX_CANDIDATES = 1024;

  private final Geometry geometry;
  private final BitSet stored;
  private final int most;
  private final RandomGenerator random;
  private final int[] holders;
  private final Set<Integer> open = new LinkedHashSet<>();

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
        open.remove(segment);
      }
    }
  }

  /** The next chunk that is wanted: of an open segment, else of one that is opened for it; -1 if there is none. */
  int next(IntPredicate wanted) {
    if (open.size() < most) {
      openRarest(wanted);
    }
    for (int segment : open) {
      int chunk = firstIn(segment, wanted);
      if (chunk >= 0) {
        return chunk;
      }
    }
    int opened = openRarest(wanted);
    return opened < 0 ? -1 : firstIn(opened, wanted);
  }

  private int firstIn(int segment, IntPredicate wanted) {
    for (int i = geometry.firstChunkOf(segment); i <= geometry.lastChunkOf(segment); i++) {
      if (wanted.test(i)) {
        return i;
      }
    }
    return -1;
  }

  private int openRarest(IntPredicate wanted) {
    int segments = geometry.segmentCount();
    int start = random.nextInt(segments);
    int best = -1;
    int fewest = Integer.MAX_VALUE;
    int candidates = 0;
    for (int i = 0; i < segments && candidates < MAX_CANDIDATES; i++) {
      int segment = (start + i) % segments;
      if (open.contains(segment) || firstIn(segment, wanted) < 0) {
        continue;
      }
      candidates++;
      int rarity = rarity(segment);
      if (rarity < fewest) {
        fewest = rarity;
        best = segment;
      }
    }
    if (best >= 0) {
      open.add(best);
    }
    return best;
  }

  /** Holders of the rarest chunk that the segment still needs. */
  private int rarity(int segment) {
    int fewest = Integer.MAX_VALUE;
    for (int i = geometry.firstChunkOf(segment); i <= geometry.lastChunkOf(segment); i++) {
      if (!stored.get(i) && holders[i] > 0) {
        fewest = Math.min(fewest, holders[i]);
      }
    }
    return fewest;
  }
}
