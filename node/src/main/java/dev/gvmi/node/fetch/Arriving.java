package dev.gvmi.node.fetch;

import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The bytes of an image that is being fetched, as far as they are here: each chunk verified, the
 * image as a whole not yet. Two that are equal promise the same bytes; of others nothing is known.
 *
 * <p><b>Thread:</b> any; {@link #read} blocks for the disk.
 */
public interface Arriving {
  /** What the manifest that is tried, or the origin, says of its size; not proven. */
  long sizeBytes();

  /** The manifest that its chunks were verified by; empty if they come from where there is none. */
  default Optional<ManifestId> manifest() {
    return Optional.empty();
  }

  /** How many bytes are here from this offset on without a gap. */
  long availableBytes(long offsetBytes);

  /**
   * Fills {@code target} from the offset on. Only what {@link #availableBytes} promised; goes on
   * working after the image was completed.
   */
  void read(long offsetBytes, ByteBuffer target);
}
