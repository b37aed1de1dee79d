package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.ImageDetails;
import dev.gvmi.node.control.NodeService.ImageSummary;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the store holds, as it is told to users. <b>Thread:</b> any. */
final class Catalogue {
  private final ImageStore store;

  Catalogue(ImageStore store) {
    this.store = store;
  }

  List<ImageSummary> list() {
    List<ImageSummary> all = new ArrayList<>();
    store.images().forEach(image -> all.add(summary(image)));
    store.partials().forEach(image -> all.add(summary(image)));
    return List.copyOf(all);
  }

  private ImageSummary summary(StoredImage image) {
    long size = image.sizeBytes();
    return new ImageSummary(
        image.id().hex(),
        image.manifestId().hex(),
        size,
        size,
        true,
        image.completedAt(),
        image.file().toString(),
        store.isPinned(image.id()));
  }

  private ImageSummary summary(PartialImage image) {
    Geometry geometry = image.manifest().geometry();
    long held = image.chunks().stream().mapToLong(geometry::chunkLength).sum();
    return new ImageSummary(
        image.manifest().image().hex(),
        image.manifest().id().hex(),
        geometry.sizeBytes(),
        held,
        false,
        null,
        "",
        store.isPinned(image.manifest().image()));
  }

  ImageDetails inspect(ImageId id) {
    return store
        .image(id)
        .map(Catalogue::details)
        .or(() -> store.partial(id).map(Catalogue::details))
        .orElseThrow(() ->
            new ServiceException(
                ServiceException.Kind.NOT_FOUND,
                "image " + id + " is not held here: fetch it with prefetch"));
  }

  private static ImageDetails details(StoredImage image) {
    return details(
        image.manifest().image(),
        image.manifest().id().hex(),
        image.manifest().geometry(),
        true,
        image.file().toString(),
        notes(image));
  }

  private static ImageDetails details(PartialImage image) {
    Geometry geometry = image.manifest().geometry();
    String held = image.chunkCount() + " of " + geometry.chunkCount() + " chunks are here";
    return details(
        image.manifest().image(), image.manifest().id().hex(), geometry, false, "", List.of(held));
  }

  private static ImageDetails details(
      ImageId image,
      String manifest,
      Geometry geometry,
      boolean complete,
      String path,
      List<String> notes) {
    return new ImageDetails(
        image.hex(),
        manifest,
        geometry.sizeBytes(),
        geometry.chunkCount(),
        geometry.segmentCount(),
        geometry.segmentBytes(),
        complete,
        path,
        notes);
  }

  private static List<String> notes(StoredImage image) {
    try (ImageFile file = ImageFile.open(image.file())) {
      var header = file.header();
      var keys = String.join(", ", file.trailer().propertyNames());
      return List.of(
          "squashfs, "
              + header.compression().name().toLowerCase(Locale.ROOT)
              + ", "
              + header.inodes()
              + " inodes",
          "trailer with " + keys);
    } catch (IOException | InvalidImageException e) {
      return List.of("the runtime could not run it: " + e.getMessage());
    }
  }
}
