package dev.gvmi.node;

import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.PlacedFiles.PlacedFile;
import dev.gvmi.node.runtime.WantedNames;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names that images have in the runtime's cache, when the images go. <b>Thread:</b> any. */
final class CacheNames {
  private final PlacedFiles placed;
  private final WantedNames wanted;

  CacheNames(PlacedFiles placed, WantedNames wanted) {
    this.placed = placed;
    this.wanted = wanted;
  }

  /**
   * Takes the names of an image away, but those that a task may be using.
   *
   * @param stored the image's file in the store
   * @param removed is given those that are gone
   * @param left is given those that are kept, each with the reason
   * @return bytes that are free now
   */
  long clear(
      ImageId image, Path stored, @Nullable Path cache, List<String> removed, List<String> left) {
    long freed = 0;
    try {
      for (PlacedFile file : placed.of(image, stored, cache)) {
        Optional<String> reason = placed.remove(file);
        if (reason.isPresent()) {
          left.add(file.file() + ": " + reason.get());
        } else {
          removed.add(file.file().toString());
          freed += file.sharesBytes() ? 0 : file.sizeBytes();
        }
      }
      return freed;
    } catch (IOException e) {
      throw StoreException.of("look for " + image + " in the runtime's cache", e);
    }
  }

  /**
   * Why the runtime may be using the image, in a few words; empty if it is known that it does not.
   */
  Optional<String> use(ImageId image, Path stored, @Nullable Path cache) {
    try {
      return placed.use(image, stored, cache);
    } catch (IOException e) {
      return Optional.of("the runtime's cache cannot be looked into: " + e);
    }
  }

  /** Forgets names that are gone, and that there were to be any. */
  void forget(ImageId image) {
    placed.forgetMissing(image);
    wanted.forget(image);
  }
}
