package dev.gvmi.protocol.manifest;

import dev.gvmi.protocol.image.DigestAlgorithm;

/**
 * Where chunks and segments of an image begin and end: a function of its size and digest alone.
 * Indices are 0-based; chunks and segments do not share boundaries.
 */
public record Geometry(DigestAlgorithm algorithm, long sizeBytes) {
  public static final int CHUNK_BYTES = 256 << 10;

  /** Bytes of a checkpoint: the sponge's state. */
  static final int CHECKPOINT_BYTES = 200;

  static final int CHUNK_HASH_BYTES = 32;

  /**
   * The largest image there can be: its manifest is within bounds, and its chunks are counted by an
   * int.
   */
  public static final long MAX_SIZE_BYTES = 64L << 30;

  private static final int LEAST_SEGMENT = 1 << 20;
  private static final int MOST_SEGMENT = 4 << 20;
  private static final int FEW_SEGMENTS = 512;
  private static final int HEADER_BYTES = 18;

  public Geometry {
    if (sizeBytes < 1 || sizeBytes > MAX_SIZE_BYTES) {
      throw new IllegalArgumentException(
          "an image has 1 to " + MAX_SIZE_BYTES + " bytes, not " + sizeBytes);
    }
  }

  private static int count(long size, int part) {
    return Math.toIntExact((size + part - 1) / part);
  }

  public int chunkCount() {
    return count(sizeBytes, CHUNK_BYTES);
  }

  public long chunkOffset(int chunk) {
    return (long) chunk * CHUNK_BYTES;
  }

  public int chunkLength(int chunk) {
    return (int) Math.min(CHUNK_BYTES, sizeBytes - chunkOffset(chunk));
  }

  /** A multiple of the rate: 1 MiB, or up to 4 MiB where there would be more than 512. */
  public int segmentBytes() {
    int target = LEAST_SEGMENT;
    while (count(sizeBytes, target) > FEW_SEGMENTS && target < MOST_SEGMENT) {
      target *= 2;
    }
    return target - target % algorithm.rateBytes();
  }

  public int segmentCount() {
    return count(sizeBytes, segmentBytes());
  }

  public long segmentOffset(int segment) {
    return (long) segment * segmentBytes();
  }

  public int segmentLength(int segment) {
    return (int) Math.min(segmentBytes(), sizeBytes - segmentOffset(segment));
  }

  /** First chunk that has a byte of the segment. */
  public int firstChunkOf(int segment) {
    return (int) (segmentOffset(segment) / CHUNK_BYTES);
  }

  /** Last chunk that has a byte of the segment. */
  public int lastChunkOf(int segment) {
    return (int) ((segmentOffset(segment) + segmentLength(segment) - 1) / CHUNK_BYTES);
  }

  /** First segment that has a byte of the chunk. */
  public int firstSegmentOf(int chunk) {
    return (int) (chunkOffset(chunk) / segmentBytes());
  }

  /** Last segment that has a byte of the chunk. */
  public int lastSegmentOf(int chunk) {
    return (int) ((chunkOffset(chunk) + chunkLength(chunk) - 1) / segmentBytes());
  }

  /** Exact bytes of the manifest of such an image. */
  public int manifestBytes() {
    return checkpointsOffset() + CHECKPOINT_BYTES * (segmentCount() - 1);
  }

  int chunkHashesOffset() {
    return HEADER_BYTES + algorithm.digestBytes();
  }

  int checkpointsOffset() {
    return chunkHashesOffset() + CHUNK_HASH_BYTES * chunkCount();
  }
}
