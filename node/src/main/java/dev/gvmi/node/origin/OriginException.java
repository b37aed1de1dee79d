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
  private final boolean absent;

  public OriginException(Kind kind, String message) {
    super(message);
    this.kind = kind;
    this.absent = false;
  }

  /** The server answers that there is no such thing. */
  private OriginException(String message) {
    super(message);
    this.kind = Kind.LASTING;
    this.absent = true;
  }

  static OriginException absent(int status) {
    return new OriginException("it answers with status " + status);
  }

  OriginException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.absent = false;
  }

  /** Whether the server says that there is no such thing. */
  public boolean isAbsent() {
    return absent;
  }

  public Kind kind() {
    return kind;
  }
}
