package dev.gvmi.node.audit;

import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.verify.ChunkResult;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Reads a segment with the chunks that reach into it once, and hashes it as chunks and as a segment.
 *
 * <p><b>Thread:</b> any, several at once.
 */
final class SegmentReader implements AutoCloseable {
  private static final int PIECE_BYTES = 256 << 10;

  private final ImageAudit audit;
  private final Geometry geometry;
  private final ImageVerifier verifier;
  private final ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  SegmentReader(ImageAudit audit, Geometry geometry, ImageVerifier verifier) {
    this.audit = audit;
    this.geometry = geometry;
    this.verifier = verifier;
  }

  /**
   * What was found.
   *
   * @param bad the damaged ones of the chunks that begin in the segment
   * @param bytes length of the segment
   */
  record Read(BitSet bad, int bytes) {}

  /** {@link IllegalStateException} after the close. */
  Read read(int segment) throws IOException {
    if (stopped) {
      throw new IllegalStateException("the reading was ended");
    }
    ByteBuffer pooled = buffers.poll();
    ByteBuffer buffer =
        pooled != null
            ? pooled
            : ByteBuffer.allocateDirect(geometry.segmentBytes() + 2 * Geometry.CHUNK_BYTES + PIECE_BYTES);
    try {
      return read(segment, buffer);
    } finally {
      buffers.add(buffer);
    }
  }

  private Read read(int segment, ByteBuffer buffer) throws IOException {
    int first = geometry.firstChunkOf(segment);
    int last = geometry.lastChunkOf(segment);
    int piece = buffer.capacity() - PIECE_BYTES;
    ByteBuffer bytes = buffer.slice(0, piece);
    BitSet unreadable = fill(first, last, bytes);
    BitSet bad = new BitSet();
    for (int chunk = first; chunk <= last; chunk++) {
      boolean ours = geometry.firstSegmentOf(chunk) == segment;
      if (ours && (unreadable.get(chunk) || !isGood(chunk, first, bytes))) {
        bad.set(chunk);
      }
    }
    if (unreadable.isEmpty()) {
      long from = geometry.chunkOffset(first);
      boolean proven =
          verifier.verifySegment(
              segment,
              (at, target) -> target.put(bytes.slice((int) (at - from), target.remaining())),
              buffer.slice(piece, PIECE_BYTES));
      assert !proven || verifier.isVerified(segment);
    }
    return new Read(bad, geometry.segmentLength(segment));
  }

  private boolean isGood(int chunk, int first, ByteBuffer bytes) {
    ByteBuffer part = bytes.slice(offset(chunk, first), geometry.chunkLength(chunk));
    return switch (verifier.verify(new UnverifiedChunk(chunk, part))) {
      case VerifiedChunk good -> true;
      case ChunkResult.Mismatch mismatch -> false;
    };
  }

  private static int offset(int chunk, int first) {
    return (chunk - first) * Geometry.CHUNK_BYTES;
  }

  /** Reads the chunks into the buffer: in one go, or one by one where that fails. @return those that cannot be read */
  private BitSet fill(int first, int last, ByteBuffer bytes) {
    BitSet unreadable = new BitSet();
    long from = geometry.chunkOffset(first);
    int length = (int) (geometry.chunkOffset(last) + geometry.chunkLength(last) - from);
    if (!canRead(from, bytes.slice(0, length))) {
      for (int chunk = first; chunk <= last; chunk++) {
        ByteBuffer part = bytes.slice(offset(chunk, first), geometry.chunkLength(chunk));
        unreadable.set(chunk, !canRead(geometry.chunkOffset(chunk), part));
      }
    }
    return unreadable;
  }

  private boolean canRead(long offsetBytes, ByteBuffer target) {
    try {
      audit.read(offsetBytes, target);
      return true;
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.IO) {
        throw e;
      }
      return false;
    }
  }

  /** What has not begun is not begun any more. */
  @Override
  public void close() {
    stopped = true;
  }
}
