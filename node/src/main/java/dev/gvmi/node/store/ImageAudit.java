package dev.gvmi.node.store;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;

/**
 * One reading of a complete image's file as it is on the disk now, whatever the store has believed
 * of it. It ends in {@link #passed}, in {@link #failed}, or is dropped, which changes nothing.
 *
 * <p><b>Thread:</b> any; calls block for the disk.
 */
public interface ImageAudit {
  ImageId id();

  /**
   * What the image was verified against; empty if the manifest beside the image is damaged or gone.
   */
  Optional<Manifest> manifest();

  Path file();

  /** Length of the file; 0 if it is gone, or no file. */
  long fileBytes();

  /**
   * Fills {@code target} from {@code offsetBytes} on.
   *
   * <p><b>Errors:</b> {@link StoreException} of kind IO if the file is gone, cannot be read there,
   * or ends before; of kind UNUSABLE if it is there and cannot be opened, which says nothing of its
   * bytes.
   */
  void read(long offsetBytes, ByteBuffer target);

  /**
   * All bytes that were read are right: the image is served, again if it was not. False, and
   * nothing is changed, if the file changed meanwhile or the image is not the one any more that was
   * read.
   */
  boolean passed(VerifiedImage proof);

  /**
   * The image is not served from now on, and the store does not have its file open, but for reads
   * that run. At the next start it is what it was: for damage, {@link #failed} comes next.
   */
  void withdraw();

  /**
   * The file is damaged: from the call on it is no image any more. With its manifest it becomes the
   * partial image of the chunks given, durably, so that a fetch goes on from there; a file that has
   * other hard links is left to those, and copied. Without a manifest nothing of it is kept. False
   * if the image is not the one any more that was read.
   */
  boolean failed(BitSet goodChunks);
}
