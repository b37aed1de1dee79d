package dev.gvmi.protocol.image;

/** A file is no image that the Golem runtime could run; the message says why in one line. */
public final class InvalidImageException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidImageException(String message) {
    super(message);
  }
}
