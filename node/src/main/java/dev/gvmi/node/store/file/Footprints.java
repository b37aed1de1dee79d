package dev.gvmi.node.store.file;

import dev.gvmi.node.store.Footprint;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What images take on the disk. A hard link of a file takes nothing: the file is counted once.
 * <b>Thread:</b> the store's.
 */
final class Footprints {
  private final Disk disk;
  private final Map<ImageId, FileStoredImage> images;
  private final PartialImages partials;

  Footprints(Disk disk, Map<ImageId, FileStoredImage> images, PartialImages partials) {
    this.disk = disk;
    this.images = images;
    this.partials = partials;
  }

  List<Footprint> all() throws IOException {
    List<Footprint> all = new ArrayList<>();
    for (FileStoredImage image : images.values()) {
      long bytes =
          image.sizeBytes()
              + image.manifestBytes()
              + length(disk.directory().imageDelta(image.id()));
      all.add(footprint(image.id(), image.file(), bytes, true, image.completedAt()));
    }
    for (PartialImage partial : partials.all()) {
      ImageId id = partial.manifest().image();
      if (!images.containsKey(id)) {
        all.add(
            footprint(id, disk.directory().partial(id), heldBytes(partial), false, changedAt(id)));
      }
    }
    all.sort(Comparator.comparing(footprint -> footprint.image().hex()));
    return List.copyOf(all);
  }

  private static long heldBytes(PartialImage partial) {
    Geometry geometry = partial.manifest().geometry();
    return geometry.manifestBytes()
        + partial.chunks().stream().mapToLong(geometry::chunkLength).sum();
  }

  private Footprint footprint(ImageId id, Path file, long bytes, boolean complete, Instant since) {
    Uses uses = disk.uses();
    Instant used = uses.lastUsed(id).filter(since::isBefore).orElse(since);
    return new Footprint(id, file, bytes, complete, uses.isPinned(id), uses.isLeased(id), used);
  }

  private Instant changedAt(ImageId id) {
    try {
      return Files.getLastModifiedTime(disk.directory().partial(id)).toInstant();
    } catch (IOException e) {
      return disk.clock().instant(); // It was just completed, or removed.
    }
  }

  private static long length(Path file) {
    return Math.max(0, file.toFile().length());
  }
}
