package dev.gvmi.node.fetch;

import dev.gvmi.node.store.PartialImage;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;

/** What has come under one manifest. Equal by manifest: the same bytes. <b>Thread:</b> any. */
final class ArrivingPartial implements Arriving {
  private final PartialImage partial;
  private final Geometry geometry;
  private final ManifestId manifest;

  ArrivingPartial(PartialImage partial) {
    this.partial = partial;
    this.geometry = partial.manifest().geometry();
    this.manifest = partial.manifest().id();
  }

  @Override
  public long sizeBytes() {
    return geometry.sizeBytes();
  }

  @Override
  public Optional<ManifestId> manifest() {
    return Optional.of(manifest);
  }

  @Override
  public long availableBytes(long offsetBytes) {
    if (offsetBytes < 0 || offsetBytes >= geometry.sizeBytes()) {
      return 0;
    }
    BitSet chunks = partial.chunks();
    int first = (int) (offsetBytes / Geometry.CHUNK_BYTES);
    long end =
        Math.min((long) chunks.nextClearBit(first) * Geometry.CHUNK_BYTES, geometry.sizeBytes());
    return Math.max(0, end - offsetBytes);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    partial.read(offsetBytes, target);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ArrivingPartial that && that.manifest.equals(manifest);
  }

  @Override
  public int hashCode() {
    return manifest.hashCode();
  }
}
