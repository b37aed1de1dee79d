package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The images this node holds, complete and partial. Every fault is a {@link StoreException}.
 *
 * <p><b>Thread:</b> any; calls block for the disk, and an interrupt does not cut them short.
 */
public interface ImageStore extends AutoCloseable {
  /** A complete, verified image. Empty also once its file was seen to have changed. */
  Optional<StoredImage> image(ImageId id);

  /** All complete images, ordered by id. */
  List<StoredImage> images();

  /** The partial image of this id if there is one: on disk from an earlier run, or open now. */
  Optional<PartialImage> partial(ImageId id);

  /** All partial images, ordered by id. */
  List<PartialImage> partials();

  /**
   * Opens the partial image of this manifest: the one in progress, one resumed from disk, or a new
   * one. The same object for the same manifest while it is open. A partial of the same image with
   * another manifest is replaced; chunks that both manifests name alike are kept.
   */
  PartialImage openPartial(Manifest manifest);

  /**
   * The durable end of a fetch: fsync, rename to images/, sync of both folders, index row. Closes
   * the partial. The manifest kept is the proof's, which may differ from the partial's in its
   * checkpoints. {@link IllegalArgumentException} if the proof is of another image.
   */
  StoredImage complete(PartialImage partial, VerifiedImage proof);

  /**
   * A temporary file under the data directory for an import; deleted at the next start if left
   * behind.
   */
  Path newImportFile();

  /**
   * Takes over an imported file (whole, written by the caller) as a complete image, durably; if the
   * image is held already the file is deleted.
   */
  StoredImage adopt(Path importFile, VerifiedImage proof);

  /**
   * Ids of all complete images, ordered: also of those that {@link #image} leaves out because their
   * file changed or is damaged.
   */
  default List<ImageId> auditable() {
    return images().stream().map(StoredImage::id).toList();
  }

  /**
   * Begins to read a complete image's file again; empty if there is none of that id, or the store
   * has no files.
   */
  default Optional<ImageAudit> audit(ImageId id) {
    return Optional.empty();
  }

  /** The delta indexes of the complete images, and where their spans lie. */
  default DeltaStore deltas() {
    return DeltaStore.NONE;
  }

  /** Forgets the image and deletes its files, complete or partial. False if there was none. */
  boolean remove(ImageId id);

  /**
   * What each image takes, complete, damaged and partial ones, ordered by id. Looks at the disk,
   * but reads no manifest of a complete image.
   */
  default List<Footprint> footprints() {
    return List.of();
  }

  /**
   * Keeps an image, held or about to be, from being evicted; {@link ImageLease#NONE} if that has
   * begun: then it is not served any more.
   */
  default ImageLease lease(ImageId id) {
    return ImageLease.NONE;
  }

  /**
   * Notes that an image was used, which keeps it longer than others. What is read of a complete
   * image counts by itself.
   */
  default void used(ImageId id) {}

  /** Whether an image is never to be evicted. */
  default boolean isPinned(ImageId id) {
    return false;
  }

  /**
   * Pins an image, complete or partial, or takes the pin off, durably. False if there is none of
   * that id. It is forgotten when the image is removed.
   */
  default boolean pin(ImageId id, boolean pinned) {
    return false;
  }

  /**
   * Removes an image that nobody has a lease of.
   *
   * @param alongside is run once the image is not served any more, and before its files go
   * @return false, and nothing happens, if it is leased
   */
  default boolean evict(ImageId id, Runnable alongside) {
    return false;
  }

  /** Tells the listener of changes from now on; as long as the store is open. */
  default void addHoldingsListener(HoldingsListener listener) {}

  /** Syncs and closes the partials and gives the data directory free. Idempotent. */
  @Override
  void close();
}
