package dev.gvmi.protocol.verify;

import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How far the whole blocks of a segment are absorbed. <b>Thread:</b> one. */
final class SegmentSponge {
  private final int segment;
  private final int rate;
  private final long[] state;
  private long at;
  private int left;

  /** At the start of the segment, in the state that the manifest claims for it. */
  SegmentSponge(Manifest manifest, int segment) {
    this(manifest.geometry(), segment, manifest.checkpoint(segment));
  }

  /** At the start of the segment, in this state, which changes. */
  SegmentSponge(Geometry geometry, int segment, long[] state) {
    this.segment = segment;
    this.rate = geometry.algorithm().rateBytes();
    this.state = state;
    this.at = geometry.segmentOffset(segment);
    this.left = geometry.segmentLength(segment) / rate * rate;
  }

  int segment() {
    return segment;
  }

  long[] state() {
    return state;
  }

  boolean hasMore() {
    return left > 0;
  }

  /** The next blocks, as many as the buffer takes. */
  Piece read(SegmentSource source, ByteBuffer buffer) throws IOException {
    int count = Math.min(buffer.capacity() / rate * rate, left);
    source.read(at, buffer.clear().limit(count));
    at += count;
    left -= count;
    return new Piece(state, buffer.flip());
  }
}
