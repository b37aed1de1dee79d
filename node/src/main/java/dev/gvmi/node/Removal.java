package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.control.NodeService.RemoveResult;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.PlacedFiles.PlacedFile;
import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Removes images. Order: a fetch of it ends, it is not served any more, its names in the runtime's cache go, then the store forgets it; so a crash leaves an image that is held and not placed, and never a file that
 * nobody knows of.
 *
 * <p><b>Thread:</b> any.
 */
final class Removal {
  private final ImageStore store;
  private final Flights flights;
  private final Placer placer;
  private final PlacedFiles placed;

  Removal(ImageStore store, Flights flights, Placer placer, PlacedFiles placed) {
    this.store = store;
    this.flights = flights;
    this.placer = placer;
    this.placed = placed;
  }

  RemoveResult remove(RemoveRequest request) throws InterruptedException {
    ImageId image = Requests.id(Requests.image(request.image()));
    flights.cancel(image);
    Optional<ImageAudit> complete = store.audit(image);
    Optional<PartialImage> partial = store.partial(image);
    if (complete.isEmpty() && partial.isEmpty()) {
      return new RemoveResult(
          Outcome.NOT_FOUND,
          image.hex(),
          0,
          List.of(),
          List.of(),
          "image " + image + " is not held here: 'gvmi-p2p list' shows what is");
    }
    List<String> removed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    long freed = partial.map(Removal::heldBytes).orElse(0L);
    if (complete.isPresent()) {
      complete.get().withdraw();
      freed += clearCache(complete.get(), placer.cache(request.runtimeCache()), removed, left);
      freed += bytesOf(complete.get());
    }
    boolean gone = store.remove(image);
    placed.forgetMissing(image);
    NodeLog.removed(image.hex(), freed);
    return new RemoveResult(
        gone ? Outcome.COMPLETE : Outcome.NOT_FOUND,
        image.hex(),
        gone ? freed : 0,
        List.copyOf(removed),
        List.copyOf(left),
        gone ? "" : "image " + image + " was removed by somebody else meanwhile");
  }

  private static long heldBytes(PartialImage partial) {
    Geometry geometry = partial.manifest().geometry();
    return geometry.manifestBytes()
        + partial.chunks().stream().mapToLong(geometry::chunkLength).sum();
  }

  /** A file that has other hard links stays on the disk under those. */
  private static long bytesOf(ImageAudit complete) {
    long manifest = complete.manifest().map(m -> (long) m.geometry().manifestBytes()).orElse(0L);
    try {
      Path file = complete.file();
      boolean shared =
          file.getFileSystem().supportedFileAttributeViews().contains("unix")
              && (Integer) Files.getAttribute(file, "unix:nlink") > 1;
      return manifest + (shared ? 0 : Files.size(file));
    } catch (IOException e) {
      return manifest;
    }
  }

  private long clearCache(
      ImageAudit complete, @Nullable Path cache, List<String> removed, List<String> left) {
    long freed = 0;
    try {
      for (PlacedFile file : placed.of(complete.id(), complete.file(), cache)) {
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
      throw StoreException.of("look for " + complete.id() + " in the runtime's cache", e);
    }
  }
}
