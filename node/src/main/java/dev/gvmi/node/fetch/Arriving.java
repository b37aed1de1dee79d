package dev.gvmi.node.fetch;

import java.nio.ByteBuffer;

/**
 * The bytes of an image that is being fetched, as far as they are here: each chunk verified, the image as a whole not yet.
 *
 * <p><b>Thread:</b> any; {@link #read} blocks for the disk.
 */
public interface Arriving {
  /** What the manifest that is tried, or the origin, says of its size; not proven. */
  long sizeBytes();

  /** How many bytes are here from this offset on without a gap. */
  long availableBytes(long offsetBytes);

  /** Fills {@code target} from the offset on. Only what {@link #availableBytes} promised; goes on working after the image was completed. */
  void read(long offsetBytes, ByteBuffer target);
}
