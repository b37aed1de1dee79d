package dev.gvmi.node.oci;

import java.io.IOException;

/** A source from which no image can be made; the message says why, and what to do, in one line. */
public final class InvalidSourceException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean mismatch;

  public InvalidSourceException(String message) {
    this(message, false);
  }

  private InvalidSourceException(String message, boolean mismatch) {
    super(message);
    this.mismatch = mismatch;
  }

  static InvalidSourceException mismatch(String message) {
    return new InvalidSourceException(message, true);
  }

  /** Whether bytes were not those that a digest names. */
  public boolean isMismatch() {
    return mismatch;
  }
}
