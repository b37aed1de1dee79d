package dev.gvmi.protocol.verify;

import dev.gvmi.protocol.manifest.Manifest;

/**
 * Proof that all bytes of an image hash to its id, with the true manifest. Only made by {@link
 * ImageVerifier}.
 */
public final class VerifiedImage {
  private final Manifest manifest;

  VerifiedImage(Manifest manifest) {
    this.manifest = manifest;
  }

  public Manifest manifest() {
    return manifest;
  }
}
