package dev.gvmi.node.registry;

import java.io.IOException;

/**
 * What a client asks for is not done; the message says why, in one line. Expected, and caught where
 * the answer is made.
 */
final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status of HTTP
   */
  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
