package dev.gvmi.node;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.runtime.PlaceResult;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.RuntimeCache;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.CacheName;
import dev.gvmi.protocol.image.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Puts a verified image where the request wants it: into the runtime's cache, and as a copy elsewhere. */
final class Placer {
  private static final String NOWHERE = "none";

  private final @Nullable Path usual;
  private final PlacedFiles placed;
  private final Space space;

  /** A placer whose requests go to {@code usual}, or nowhere if that is null, unless they say otherwise. */
  Placer(@Nullable Path usual, PlacedFiles placed, Space space) {
    this.usual = usual;
    this.placed = placed;
    this.space = space;
  }

  /**
   * What became of it.
   *
   * @param placed the file in the runtime's cache, or null
   * @param problem one line, or null if all went well
   */
  record Placement(@Nullable Path placed, @Nullable String problem) {}

  Placement place(StoredImage image, ImageRef ref, PrefetchRequest request) {
    Path cache = cache(request.runtimeCache());
    Placement placement =
        cache == null ? new Placement(null, null) : placeInCache(image, ref, cache);
    Path to = request.to();
    if (to == null) {
      return placement;
    }
    String problem = copy(image, to);
    return new Placement(
        placement.placed(), placement.problem() == null ? problem : placement.problem());
  }

  /** The runtime's cache of a request: null for nowhere. */
  @Nullable Path cache(@Nullable String asked) {
    if (asked == null) {
      return usual;
    }
    return asked.equals(NOWHERE) ? null : Path.of(asked);
  }

  private Placement placeInCache(StoredImage image, ImageRef ref, Path cache) {
    String name =
        ref instanceof ImageRef.TaskPackage task
            ? CacheName.of(task).orElse(CacheName.of(image.id()))
            : CacheName.of(image.id());
    return placeInCache(image, cache, name);
  }

  /** Under this very name. */
  Placement placeInCache(StoredImage image, Path cache, String name) {
    return switch (new RuntimeCache(cache, space).place(image, name)) {
      case PlaceResult.Placed done -> {
        NodeLog.placed(image.id().hex(), done.file().toString());
        placed.placed(image.id(), done);
        yield new Placement(done.file(), null);
      }
      case PlaceResult.AlreadyThere there -> new Placement(there.file(), null);
      case PlaceResult.Refused refused -> {
        NodeLog.notPlaced(image.id().hex(), refused.reason());
        yield new Placement(null, "could not place it as " + refused.file() + ": " + refused.reason());
      }
    };
  }

  /** A copy of its own, which appears whole or not at all. */
  private static @Nullable String copy(StoredImage image, Path to) {
    Path fresh = to.resolveSibling("." + to.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    try {
      image.check();
      try {
        Files.copy(image.file(), fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      return null;
    } catch (IOException e) {
      return StoreException.of("could not write the copy " + to, e).getMessage();
    } catch (StoreException e) {
      return e.getMessage();
    }
  }
}
