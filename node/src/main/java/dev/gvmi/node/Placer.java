package dev.gvmi.node;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.runtime.PlaceResult;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.RuntimeCache;
import dev.gvmi.node.runtime.WantedNames;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.CacheName;
import dev.gvmi.protocol.image.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a verified image where the request wants it: into the runtime's cache, and as a copy
 * elsewhere.
 */
final class Placer {
  private static final String NOWHERE = "none";

  private final List<Path> usual;
  private final boolean later;
  private final WantedNames wanted;
  private final PlacedFiles placed;
  private final Space space;

  /**
   * A placer whose requests go to {@code usual} unless they say otherwise.
   *
   * @param later whether a folder of these that is not there is no fault, since somebody places
   *     what is missing when it appears
   */
  Placer(List<Path> usual, boolean later, WantedNames wanted, PlacedFiles placed, Space space) {
    this.usual = List.copyOf(usual);
    this.later = later;
    this.wanted = wanted;
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
    Placement placement = placeInCaches(image, name(image, ref), caches(request.runtimeCache()));
    Path to = request.to();
    if (to == null) {
      return placement;
    }
    String problem = copy(image, to);
    return new Placement(
        placement.placed(), placement.problem() == null ? problem : placement.problem());
  }

  /** In each of them: the first file, and all problems. */
  private Placement placeInCaches(StoredImage image, String name, List<Path> caches) {
    boolean kept = !caches.isEmpty() && caches.equals(usual);
    if (kept) {
      wanted.add(image.id(), name);
    }
    Path first = null;
    List<String> problems = new ArrayList<>();
    for (Path cache : caches) {
      if (kept && later && !Files.isDirectory(cache)) {
        NodeLog.placedLater(image.id().hex(), cache.toString());
        continue;
      }
      Placement placement = placeInCache(image, cache, name);
      first = first == null ? placement.placed() : first;
      if (placement.problem() != null) {
        problems.add(placement.problem());
      }
    }
    return new Placement(first, problems.isEmpty() ? null : String.join("; ", problems));
  }

  /** The runtime's cache of a request, the first if it has several: null for nowhere. */
  @Nullable Path cache(@Nullable String asked) {
    List<Path> caches = caches(asked);
    return caches.isEmpty() ? null : caches.getFirst();
  }

  private List<Path> caches(@Nullable String asked) {
    if (asked == null) {
      return usual;
    }
    return asked.equals(NOWHERE) ? List.of() : asked.lines().map(Path::of).toList();
  }

  private static String name(StoredImage image, ImageRef ref) {
    return ref instanceof ImageRef.TaskPackage task
        ? CacheName.of(task).orElse(CacheName.of(image.id()))
        : CacheName.of(image.id());
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
        yield new Placement(
            null, "could not place it as " + refused.file() + ": " + refused.reason());
      }
    };
  }

  /** A copy of its own, which appears whole or not at all. */
  private static @Nullable String copy(StoredImage image, Path to) {
    Path fresh =
        to.resolveSibling("." + to.getFileName() + "." + ProcessHandle.current().pid() + ".part");
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
