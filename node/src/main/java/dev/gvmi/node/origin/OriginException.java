package dev.gvmi.node.origin;

import java.io.IOException;

/**
 * An HTTP server does not give what it was asked for. The message says why, in one line, without
 * the URL.
 */
public final class OriginException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Whether there is any use in asking again. */
  public enum Kind {
    /** It may be better in a while. */
    PASSING,
    /** It will be the same. */
    LASTING,
    /** The server has the image shorter than it said. */
    SHORT,
    /** More comes, or is announced, than an image can have. */
    TOO_LONG
  }

  private final Kind kind;

  public OriginException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  OriginException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
