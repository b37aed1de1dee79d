package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;
import java.time.Instant;

/**
 * How much an image is wanted.
 *
 * @param lastUsed the index keeps whole seconds
 */
public record UseRow(ImageId image, boolean pinned, Instant lastUsed) {
  UseRow at(Instant now) {
    return new UseRow(image, pinned, now);
  }
}
