package dev.gvmi.node.fetch;

import dev.gvmi.node.store.PartialImage;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;

/** A partial image, as those read it who do not wait for the whole. <b>Thread:</b> any. */
record ArrivingPartial(PartialImage partial) implements Arriving {
  @Override
  public long sizeBytes() {
    return partial.manifest().geometry().sizeBytes();
  }

  @Override
  public long availableBytes(long offsetBytes) {
    Geometry geometry = partial.manifest().geometry();
    if (offsetBytes < 0 || offsetBytes >= geometry.sizeBytes()) {
      return 0;
    }
    int chunk = (int) (offsetBytes / Geometry.CHUNK_BYTES);
    int missing = partial.chunks().nextClearBit(chunk);
    long end =
        missing >= geometry.chunkCount() ? geometry.sizeBytes() : geometry.chunkOffset(missing);
    return Math.max(0, end - offsetBytes);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    partial.read(offsetBytes, target);
  }
}
