package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.BitSet;

/**
 * How far a fetch has come: chunks whose bytes are on disk and segments that are proven, both under
 * this very manifest. The bit sets are copied in and out.
 */
public record ProgressRow(ImageId image, ManifestId manifest, BitSet chunks, BitSet segments) {
  public ProgressRow {
    chunks = (BitSet) chunks.clone();
    segments = (BitSet) segments.clone();
  }

  @Override
  public BitSet chunks() {
    return (BitSet) chunks.clone();
  }

  @Override
  public BitSet segments() {
    return (BitSet) segments.clone();
  }
}
