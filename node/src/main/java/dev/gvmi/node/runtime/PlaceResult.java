package dev.gvmi.node.runtime;

import java.nio.file.Path;

/** What became of an image that was to be placed in the runtime's cache. */
public sealed interface PlaceResult {
  /** How the bytes came there, the cheapest first. */
  enum Method {
    /** Shares its blocks with the store's file until one of them is written. */
    REFLINK,
    /** Is the store's file under another name. */
    HARD_LINK,
    COPY
  }

  /**
   * The file is there now, whole; its name is durable too unless the file system cannot sync a
   * folder.
   */
  record Placed(Path file, Method method) implements PlaceResult {}

  /** The very image was there under that name. */
  record AlreadyThere(Path file) implements PlaceResult {}

  /**
   * Nothing was placed and nothing in the folder changed.
   *
   * @param reason one line: what is in the way and what to do
   */
  record Refused(Path file, String reason) implements PlaceResult {}
}
