package dev.gvmi.protocol.delta;

/** Bytes that are no delta index. */
public final class InvalidDeltaIndexException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidDeltaIndexException(String message) {
    super(message);
  }
}
