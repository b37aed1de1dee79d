package dev.gvmi.node.transfer;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;

/** What this node can serve of an image: all of it, or the chunks that are here. */
sealed interface Holding {
  Manifest manifest();

  boolean complete();

  BitSet chunks();

  void read(long offsetBytes, ByteBuffer... targets);

  /** A complete image. */
  record Whole(StoredImage image) implements Holding {
    @Override
    public Manifest manifest() {
      return image.manifest();
    }

    @Override
    public boolean complete() {
      return true;
    }

    @Override
    public BitSet chunks() {
      BitSet all = new BitSet();
      all.set(0, image.manifest().geometry().chunkCount());
      return all;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer... targets) {
      image.read(offsetBytes, targets);
    }
  }

  /** An image that is being fetched. */
  record Part(PartialImage image) implements Holding {
    @Override
    public Manifest manifest() {
      return image.manifest();
    }

    @Override
    public boolean complete() {
      return false;
    }

    @Override
    public BitSet chunks() {
      return image.chunks();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer... targets) {
      image.read(offsetBytes, targets);
    }
  }

  /** What is held of an image; a partial counts from its first chunk on. */
  static Optional<Holding> of(ImageStore store, ImageId id) {
    Optional<Holding> whole = store.image(id).map(Whole::new);
    return whole.isPresent()
        ? whole
        : store.partial(id).filter(part -> part.chunkCount() > 0).map(Part::new);
  }

  /** What is held under a manifest. */
  static Optional<Holding> of(ImageStore store, ManifestId id) {
    for (StoredImage image : store.images()) {
      if (image.manifestId().equals(id)) {
        return Optional.of(new Whole(image));
      }
    }
    for (PartialImage part : store.partials()) {
      if (part.manifest().id().equals(id)) {
        return Optional.of(new Part(part));
      }
    }
    return Optional.empty();
  }
}
