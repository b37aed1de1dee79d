package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.RemoveRequest;
import dev.gvmi.node.control.NodeService.RemoveResult;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Removes images. Order: a fetch of it ends, it is not served any more, its names in the runtime's
 * cache go, then the store forgets it; so a crash leaves an image that is held and not placed, and
 * never a file that nobody knows of.
 *
 * <p><b>Thread:</b> any.
 */
final class Removal {
  private final ImageStore store;
  private final Flights flights;
  private final Placer placer;
  private final CacheNames names;

  Removal(ImageStore store, Flights flights, Placer placer, CacheNames names) {
    this.store = store;
    this.flights = flights;
    this.placer = placer;
    this.names = names;
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
      freed +=
          names.clear(
              image, complete.get().file(), placer.cache(request.runtimeCache()), removed, left);
      freed += bytesOf(complete.get());
    }
    boolean gone = store.remove(image);
    names.forget(image);
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
}
