package dev.gvmi.protocol.image;

/** A text that names no image; the message says which part is wrong and what is expected, in one line. */
public final class InvalidImageRefException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidImageRefException(String message) {
    super(message);
  }
}
