package dev.gvmi.node.advice;

/**
 * Something that the maker of an image should know.
 *
 * @param code for programs; it stays the same when the message gets better
 * @param message one line: what is so, what follows, what to do
 */
public record Finding(Level level, String code, String message) {
  /** How bad it is. */
  public enum Level {
    /** Nothing is built unless the user says that it is meant. */
    ERROR,
    /** It will surprise somebody. */
    WARNING,
    /** It is so for every image, or is only a figure. */
    INFO
  }
}
