package dev.gvmi.node.cache.rules;

import dev.gvmi.protocol.image.ImageId;
import java.time.Instant;

/**
 * An image that takes room.
 *
 * @param bytes real ones: its files, and copies of it in the runtime's cache
 * @param complete false: what a fetch has brought so far
 * @param pinned the user wants it kept
 * @param leased it is being served or placed, or a task may be using it
 * @param lastCopy no other holder is known, and it is known who holds what
 */
public record CacheItem(
    ImageId image,
    long bytes,
    boolean complete,
    boolean pinned,
    boolean leased,
    boolean lastCopy,
    Instant lastUsed) {
  public CacheItem {
    if (bytes < 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
  }

  /** The same, found to be in use. */
  public CacheItem inUse() {
    return new CacheItem(image, bytes, complete, pinned, true, lastCopy, lastUsed);
  }

  boolean isEvictable() {
    return !pinned && !leased;
  }
}
