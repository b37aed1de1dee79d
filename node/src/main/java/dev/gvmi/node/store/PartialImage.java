package dev.gvmi.node.store;

import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedChunk;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * An image that is being fetched, on disk with its manifest, its chunk bitmap and its
 * verified-segment bitmap.
 *
 * <p>Durability: data is written at once; every 64 MiB or 1 s the file is {@code fdatasync}ed and
 * then the bitmaps are written to the index in a synced batch. What the index says is on disk.
 * After a failed sync the batch is lost, never retried: its chunks are no longer held, and every
 * further call fails until the partial is opened again.
 *
 * <p><b>Thread:</b> any; calls that reach the disk block, and an interrupt does not cut them short.
 *
 * <p><b>Errors:</b> {@link StoreException} of the disk or index, and after the partial was closed,
 * removed or replaced.
 */
public interface PartialImage extends AutoCloseable {
  Manifest manifest();

  /**
   * Chunks that are here and verified (a copy): written in this process or durable from an earlier
   * one.
   */
  BitSet chunks();

  /**
   * How many chunks are here: the number of bits set in {@link #chunks}. How many there are in all
   * says the manifest.
   */
  int chunkCount();

  /** Segments proven so far (a copy). */
  BitSet verifiedSegments();

  /**
   * Writes a chunk; {@link IllegalArgumentException} if it belongs to another manifest. Idempotent.
   */
  void write(VerifiedChunk chunk);

  /**
   * Notes that a segment was proven; {@link IllegalStateException} if not all of its chunks are
   * here.
   */
  void segmentVerified(int segment);

  /**
   * Fills {@code targets}, one after the other, from {@code offsetBytes} on. Only the bytes of
   * chunks that are here are promised: others may be anything, or fail. Goes on working after the
   * image was completed. {@link IllegalArgumentException} if the bytes asked for are not all inside
   * the image.
   */
  void read(long offsetBytes, ByteBuffer... targets);

  /** Makes all that was written durable now. */
  void sync();

  /** Syncs and closes; what is on disk stays for a resume. Idempotent. */
  @Override
  void close();
}
