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
 * Reads some segments with the chunks that begin in them, and hashes them as chunks, then side by
 * side as segments: for that the bytes are read again, which are in the system's memory by then.
 *
 * <p><b>Thread:</b> any, several at once.
 */
final class SegmentReader {
  private final ImageAudit audit;
  private final Geometry geometry;
  private final ImageVerifier verifier;
  private final ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  SegmentReader(ImageAudit audit, Geometry geometry, ImageVerifier verifier) {
    this.audit = audit;
    this.geometry = geometry;
    this.verifier = verifier;
  }

  /**
   * What was found.
   *
   * @param bad the damaged ones of the chunks that begin in the segments
   * @param bytes length of the segments
   */
  record Read(BitSet bad, int bytes) {}

  /** Segments from the first to before the end. */
  Read read(int first, int end) throws IOException {
    ByteBuffer pooled = buffers.poll();
    ByteBuffer buffer = pooled != null ? pooled : ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES);
    try {
      BitSet bad = new BitSet();
      BitSet readable = new BitSet();
      int bytes = 0;
      for (int segment = first; segment < end; segment++) {
        readable.set(segment, readChunks(segment, buffer, bad));
        bytes += geometry.segmentLength(segment);
      }
      verify(readable, buffer);
      return new Read(bad, bytes);
    } finally {
      buffers.add(buffer);
    }
  }

  /** Checks the chunks that begin in a segment. @return whether they could be read */
  private boolean readChunks(int segment, ByteBuffer buffer, BitSet bad) {
    boolean readable = true;
    for (int chunk = geometry.firstChunkOf(segment);
        chunk <= geometry.lastChunkOf(segment);
        chunk++) {
      if (geometry.firstSegmentOf(chunk) != segment) {
        continue;
      }
      ByteBuffer part = buffer.clear().slice(0, geometry.chunkLength(chunk));
      boolean read = canRead(geometry.chunkOffset(chunk), part);
      readable &= read;
      if (!read || !isGood(chunk, part.flip())) {
        bad.set(chunk);
      }
    }
    return readable;
  }

  private void verify(BitSet segments, ByteBuffer buffer) throws IOException {
    try {
      verifier.verifySegments(segments, audit::read, buffer);
    } catch (StoreException e) {
      requireKindIo(e);
      verifyEach(segments, buffer);
    }
  }

  /** A disk that fails in one segment does not make the others unproven. */
  private void verifyEach(BitSet segments, ByteBuffer buffer) throws IOException {
    for (int s = segments.nextSetBit(0); s >= 0; s = segments.nextSetBit(s + 1)) {
      try {
        boolean proven = verifier.verifySegment(s, audit::read, buffer);
        assert proven == verifier.isVerified(s);
      } catch (StoreException e) {
        requireKindIo(e);
      }
    }
  }

  private boolean isGood(int chunk, ByteBuffer bytes) {
    return switch (verifier.verify(new UnverifiedChunk(chunk, bytes))) {
      case VerifiedChunk good -> true;
      case ChunkResult.Mismatch mismatch -> false;
    };
  }

  private boolean canRead(long offsetBytes, ByteBuffer target) {
    try {
      audit.read(offsetBytes, target);
      return true;
    } catch (StoreException e) {
      requireKindIo(e);
      return false;
    }
  }

  private static void requireKindIo(StoreException e) {
    if (e.kind() != StoreException.Kind.IO) {
      throw e;
    }
  }
}
