package dev.gvmi.node.cache;

import dev.gvmi.protocol.image.ImageId;
import java.util.function.LongSupplier;

/**
 * The room there is for images: whoever brings bytes reserves it first.
 *
 * <p><b>Thread:</b> any; calls block for the disk.
 */
public interface Space {
  /**
   * Reserves room for an image that is to be fetched.
   *
   * @param bytes the image and its manifest, whatever is here of them
   * @param confirmed whether the size can be believed; else nothing is evicted for it
   */
  Answer forImage(ImageId image, long bytes, boolean confirmed);

  /** Reserves room for a file of this node's own: an import, or a copy. */
  Answer forFile(long bytes);

  /**
   * Reserves room for a file that is brought in.
   *
   * @param confirmed whether the size can be believed; else nothing is evicted for it
   */
  default Answer forFile(long bytes, boolean confirmed) {
    return forFile(bytes);
  }

  /** As far as the disk goes. */
  static Space of(LongSupplier freeBytes) {
    return new DiskSpace(freeBytes);
  }

  /** Whether there is room. */
  sealed interface Answer {
    record Granted(Reservation reservation) implements Answer {}

    /** In words that end a sentence about what needs the room. */
    record Refused(String why) implements Answer {}
  }

  /** Room that is kept free until it is closed; what is there by then counts as held. */
  interface Reservation extends AutoCloseable {
    /** Whether the room was given to another, and what fills it has to stop. */
    boolean isRevoked();

    /** Idempotent. */
    @Override
    void close();
  }
}
