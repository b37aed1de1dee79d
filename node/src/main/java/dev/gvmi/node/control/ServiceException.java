package dev.gvmi.node.control;

/** A call that failed; {@code getMessage} is the one line for the user. */
public final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Kinds of failure; the command line maps each to its exit code. */
  public enum Kind {
    INTERNAL,
    USAGE,
    NOT_FOUND,
    VERIFICATION,
    NO_SPACE,
    TIMED_OUT,
    UNREACHABLE,
    NOT_PLACED,
    INTERRUPTED
  }

  private final Kind kind;

  public ServiceException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ServiceException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
