package dev.gvmi.node.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.protocol.manifest.ManifestId;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Which chunks were asked of this node lately, so that those who fetch the same image ask for
 * others. When all were, or nobody has asked for a minute, it begins anew.
 *
 * <p><b>Thread:</b> any.
 */
final class HandedChunks {
  /** Images at a time; the one that nobody asked for longest is forgotten. */
  static final int MAX_IMAGES = 64;

  static final Duration FORGET = Duration.ofMinutes(1);

  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private final Map<ManifestId, Handed> images = BoundedMap.forgettingLeastUsed(MAX_IMAGES);

  private static final class Handed {
    private final BitSet chunks = new BitSet();
    private long lastAt;
  }

  /**
   * Nothing was handed yet.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  HandedChunks(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Somebody will be sent these chunks of an image that is held, in all or in part. */
  synchronized void add(ManifestId manifest, int chunkCount, int first, int count) {
    long now = nanoTime.getAsLong();
    Handed handed = images.computeIfAbsent(manifest, id -> new Handed());
    if (now - handed.lastAt > FORGET.toNanos()) {
      handed.chunks.clear();
    }
    handed.lastAt = now;
    handed.chunks.set(Math.min(first, chunkCount), Math.min(first + count, chunkCount));
    if (handed.chunks.cardinality() == chunkCount) {
      handed.chunks.clear();
    }
  }

  /** What was handed and is not in {@code told}. */
  synchronized BitSet since(ManifestId manifest, BitSet told) {
    BitSet fresh = new BitSet();
    Handed handed = images.get(manifest);
    if (handed != null && nanoTime.getAsLong() - handed.lastAt <= FORGET.toNanos()) {
      fresh.or(handed.chunks);
      fresh.andNot(told);
    }
    return fresh;
  }

  synchronized int images() {
    return images.size();
  }
}
