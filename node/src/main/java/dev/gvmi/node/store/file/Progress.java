package dev.gvmi.node.store.file;

import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;

/**
 * How far a partial image has come: what is here, and what of it is durable. Between the two lies
 * the batch that is being filled and, while a sync runs, the one being synced. Pure: no I/O, no
 * clock.
 *
 * <p><b>Thread:</b> one at a time; the owner locks.
 */
final class Progress {
  static final long BATCH_BYTES = 64L << 20;
  static final Duration BATCH_AGE = Duration.ofSeconds(1);

  private final Manifest manifest;
  private final BitSet chunks;
  private final BitSet segments;
  private BitSet durableChunks;
  private BitSet durableSegments;
  private long batchBytes;
  private boolean dirty;
  private Instant batchSince = Instant.EPOCH;

  /**
   * Starts from what the index says; bits that cannot be true are not taken over.
   *
   * @param fileBytes length of the data file: chunks that reach beyond it are not there
   */
  Progress(Manifest manifest, BitSet chunks, BitSet segments, long fileBytes) {
    this.manifest = manifest;
    Geometry geometry = manifest.geometry();
    this.chunks = (BitSet) chunks.clone();
    for (int chunk = this.chunks.nextSetBit(0);
        chunk >= 0;
        chunk = this.chunks.nextSetBit(chunk + 1)) {
      if (chunk >= geometry.chunkCount()
          || geometry.chunkOffset(chunk) + geometry.chunkLength(chunk) > fileBytes) {
        this.chunks.clear(chunk);
      }
    }
    this.segments = (BitSet) segments.clone();
    for (int segment = this.segments.nextSetBit(0);
        segment >= 0;
        segment = this.segments.nextSetBit(segment + 1)) {
      if (segment >= geometry.segmentCount() || !hasChunksOf(segment)) {
        this.segments.clear(segment);
      }
    }
    this.durableChunks = (BitSet) this.chunks.clone();
    this.durableSegments = (BitSet) this.segments.clone();
  }

  BitSet chunks() {
    return (BitSet) chunks.clone();
  }

  BitSet segments() {
    return (BitSet) segments.clone();
  }

  int chunkCount() {
    return chunks.cardinality();
  }

  boolean hasChunk(int chunk) {
    return chunks.get(chunk);
  }

  boolean hasChunksOf(int segment) {
    int first = manifest.geometry().firstChunkOf(segment);
    return chunks.nextClearBit(first) > manifest.geometry().lastChunkOf(segment);
  }

  /** The chunk's bytes were written. */
  void written(int chunk, Instant now) {
    if (!chunks.get(chunk)) {
      chunks.set(chunk);
      batchBytes += manifest.geometry().chunkLength(chunk);
      touch(now);
    }
  }

  void verified(int segment, Instant now) {
    if (!segments.get(segment)) {
      segments.set(segment);
      touch(now);
    }
  }

  /** Whether anything is not durable that no running sync takes care of. */
  boolean dirty() {
    return dirty;
  }

  /**
   * Whether the batch is to be synced now: it is full or old. A clock that went back makes it old.
   */
  boolean due(Instant now) {
    return dirty
        && (batchBytes >= BATCH_BYTES
            || now.isBefore(batchSince)
            || !now.isBefore(batchSince.plus(BATCH_AGE)));
  }

  /** Takes the batch for a sync; what is written from now on belongs to the next. */
  ProgressRow take() {
    dirty = false;
    batchBytes = 0;
    return new ProgressRow(manifest.image(), manifest.id(), chunks, segments);
  }

  /** The batch is on disk and in the index. */
  void synced(ProgressRow batch) {
    durableChunks = batch.chunks();
    durableSegments = batch.segments();
  }

  /** Forgets all that is not durable. */
  void lose() {
    dirty = false;
    batchBytes = 0;
    chunks.and(durableChunks);
    segments.and(durableSegments);
  }

  private void touch(Instant now) {
    if (!dirty) {
      dirty = true;
      batchSince = now;
    }
  }
}
