package dev.gvmi.protocol.manifest;

/** Bytes that are no manifest. */
public final class InvalidManifestException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidManifestException(String message) {
    super(message);
  }
}
