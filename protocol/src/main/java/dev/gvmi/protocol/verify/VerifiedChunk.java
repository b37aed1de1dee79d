package dev.gvmi.protocol.verify;

import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;

/** A chunk whose SHA-256 is the one in the manifest. Only made by {@link ImageVerifier#verify}. */
public final class VerifiedChunk implements ChunkResult {
  private final ManifestId manifest;
  private final int index;
  private final ByteBuffer bytes;

  VerifiedChunk(ManifestId manifest, int index, ByteBuffer bytes) {
    this.manifest = manifest;
    this.index = index;
    this.bytes = bytes;
  }

  public ManifestId manifest() {
    return manifest;
  }

  public int index() {
    return index;
  }

  /**
   * Its bytes, read-only, a new view at each call; valid as long as the buffer that was verified is
   * not written.
   */
  public ByteBuffer bytes() {
    return bytes.asReadOnlyBuffer();
  }
}
