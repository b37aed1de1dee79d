package dev.gvmi.node.cache.rules;

import dev.gvmi.protocol.image.ImageId;
import org.jspecify.annotations.Nullable;

/**
 * Room that is wanted, or was granted and is being filled.
 *
 * @param number tells claims apart
 * @param image what is being fetched; null for a file that is no image yet, or is a copy of one
 * @param bytes all that it will take, what is here of the image already included
 * @param confirmed whether the size can be believed
 */
public record Claim(long number, @Nullable ImageId image, long bytes, boolean confirmed) {
  public Claim {
    if (bytes < 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
  }
}
