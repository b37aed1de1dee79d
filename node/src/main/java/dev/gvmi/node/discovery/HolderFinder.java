package dev.gvmi.node.discovery;

import dev.gvmi.protocol.image.ImageId;
import java.util.function.Consumer;

/** Finds peers that may hold an image. <b>Thread:</b> any. */
@FunctionalInterface
public interface HolderFinder {
  /** Finds nobody. */
  HolderFinder NONE = (image, found) -> HolderSearch.OVER;

  /**
   * Starts searching, in all places at once, and goes on until it is closed.
   *
   * @param found is told of each candidate, of one several times if more is heard of it; on any
   *     thread, must not block
   */
  HolderSearch search(ImageId image, Consumer<Candidate> found);
}
