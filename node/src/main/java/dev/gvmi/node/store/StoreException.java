package dev.gvmi.node.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** The store could not do what it was asked to. The message says what was tried and with what. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of fault it is; decides the exit code. */
  public enum Kind {
    /** The data directory is not writable, or of a newer version. */
    UNUSABLE,
    /** The data directory is held by another process. */
    IN_USE,
    /** No space left on the device. */
    NO_SPACE,
    /** Anything else of the disk or the index. */
    IO
  }

  private final Kind kind;

  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /**
   * A fault of the file system; its kind follows from the cause.
   *
   * @param tried what was tried, with what: the start of the message
   */
  public static StoreException of(String tried, IOException cause) {
    boolean full = isNoSpace(cause);
    String advice = full ? "; free some space or move the data directory" : "";
    return new StoreException(
        full ? Kind.NO_SPACE : Kind.IO, tried + ": " + reason(cause) + advice, cause);
  }

  /** The kind of any fault: a full disk is told from others, however it was met. */
  public static Kind kindOf(Exception fault) {
    return switch (fault) {
      case StoreException known -> known.kind();
      case IOException e when isNoSpace(e) -> Kind.NO_SPACE;
      default -> Kind.IO;
    };
  }

  /** Whether the disk or the user's share of it is full. */
  public static boolean isNoSpace(IOException fault) {
    String message = String.valueOf(fault.getMessage());
    return message.contains("No space left on device") || message.contains("Disk quota exceeded");
  }

  public Kind kind() {
    return kind;
  }

  /** The message of many file system exceptions is a bare path: their class says the rest. */
  private static String reason(IOException cause) {
    @Nullable String message = cause.getMessage();
    boolean bare = cause instanceof FileSystemException f && f.getReason() == null;
    if (bare || message == null) {
      String name = cause.getClass().getSimpleName().replace("Exception", "");
      return message == null ? name : name + " " + message;
    }
    return message;
  }
}
