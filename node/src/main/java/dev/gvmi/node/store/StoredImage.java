package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;

/** A complete, verified image on disk. <b>Thread:</b> any; calls block for the disk. */
public interface StoredImage {
  ImageId id();

  Manifest manifest();

  /** The id of {@link #manifest}, which need not be read for it. */
  default ManifestId manifestId() {
    return manifest().id();
  }

  /** Length of the file, for which the manifest need not be read. */
  default long sizeBytes() {
    return manifest().geometry().sizeBytes();
  }

  /** The file, mode 0444. */
  Path file();

  Instant completedAt();

  /**
   * Fills {@code targets}, one after the other, from {@code offsetBytes} on.
   *
   * <p><b>Errors:</b> {@link StoreException} if the file changed since it was verified or cannot be
   * read; {@link IllegalArgumentException} if the bytes asked for are not all inside the image.
   */
  void read(long offsetBytes, ByteBuffer... targets);

  /**
   * Looks at the file now: {@link StoreException} if it changed since it was verified. To be called
   * before the file is handed to others.
   */
  default void check() {}

  /**
   * Tells the store that a hard link to the file was just made, or was found, by this node. The
   * file is touched (the provider deletes by age of the mtime, which all links share) and what the
   * index knows of it is brought up to date, so that the node's own link is not taken for a change.
   *
   * <p><b>Errors:</b> {@link StoreException} if anything but the number of links changed.
   */
  default void linked() {}
}
