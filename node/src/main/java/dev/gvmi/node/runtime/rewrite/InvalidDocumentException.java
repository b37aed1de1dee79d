package dev.gvmi.node.runtime.rewrite;

/** A document that is not as it should be; {@code getMessage} says in a few words why. */
public final class InvalidDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  InvalidDocumentException(String message) {
    super(message);
  }
}
