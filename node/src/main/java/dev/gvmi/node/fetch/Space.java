package dev.gvmi.node.fetch;

import dev.gvmi.protocol.manifest.Geometry;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How large an image may be. A claimed size is not proven before all has come: it must fit into what is free, and nothing
 * is made free for it.
 *
 * @param maxImageBytes larger images are not fetched
 * @param freeBytes what is free where images are stored, now
 */
public record Space(long maxImageBytes, LongSupplier freeBytes) {
  /** As large as the format allows, as far as there is room. */
  public static Space of(LongSupplier freeBytes) {
    return new Space(Geometry.MAX_SIZE_BYTES, freeBytes);
  }

  /**
   * Why an image of this size is not fetched, in words that end a sentence; empty if it is.
   *
   * @param hereBytes what is here of it
   */
  Optional<String> refusal(long sizeBytes, long hereBytes) {
    if (sizeBytes > maxImageBytes) {
      return Optional.of("the largest image that is taken has " + maxImageBytes + " bytes");
    }
    long free = freeBytes.getAsLong();
    return sizeBytes - hereBytes > free
        ? Optional.of("only " + free + " bytes are free; free some space or move the data directory")
        : Optional.empty();
  }
}
