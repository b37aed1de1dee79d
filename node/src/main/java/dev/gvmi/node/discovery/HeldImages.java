package dev.gvmi.node.discovery;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.wire.Announcement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this node can announce: complete images, and partial ones from their first verified chunk
 * on. <b>Thread:</b> any.
 */
final class HeldImages {
  private final ImageStore store;

  HeldImages(ImageStore store) {
    this.store = store;
  }

  List<Announcement.Gained> all() {
    return Stream.concat(
            store.images().stream().map(HeldImages::whole),
            store.partials().stream().filter(part -> part.chunkCount() > 0).map(HeldImages::part))
        .toList();
  }

  /** Empty if it is not here any more. */
  Optional<Announcement.Gained> of(ImageId image) {
    Optional<Announcement.Gained> whole = store.image(image).map(HeldImages::whole);
    return whole.isPresent()
        ? whole
        : store.partial(image).filter(part -> part.chunkCount() > 0).map(HeldImages::part);
  }

  private static Announcement.Gained whole(StoredImage image) {
    return gained(image.manifest(), true);
  }

  private static Announcement.Gained part(PartialImage image) {
    return gained(image.manifest(), false);
  }

  private static Announcement.Gained gained(Manifest manifest, boolean complete) {
    return new Announcement.Gained(
        manifest.image(), manifest.id(), manifest.geometry().sizeBytes(), complete);
  }
}
