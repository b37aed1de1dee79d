package dev.gvmi.node.gateway;

import java.io.IOException;

/**
 * An answer that cannot be brought to its end. The connection is reset: a client that ignores the
 * status then tries again.
 */
final class ImageGoneException extends IOException {
  private static final long serialVersionUID = 1;

  ImageGoneException(String message) {
    super(message);
  }

  ImageGoneException(String message, Throwable cause) {
    super(message, cause);
  }
}
