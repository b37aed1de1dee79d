package dev.gvmi.protocol.image;

/**
 * A text that names no image; the message says which part is wrong and what is expected, in one
 * line.
 */
public final class InvalidImageRefException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_QUOTED = 200;

  public InvalidImageRefException(String message) {
    super(message);
  }

  /** What the user wrote, in quotes, shortened and without control characters: fit for a line. */
  static String quoted(String text) {
    String head = text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "..";
    return '"' + head.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?") + '"';
  }
}
