package dev.gvmi.node.cache;

import dev.gvmi.protocol.image.ImageId;
import java.util.function.LongSupplier;

/** Room without a quota and without memory: what the disk has left. */
record DiskSpace(LongSupplier freeBytes) implements Space {
  private static final Reservation NOTHING_KEPT =
      new Reservation() {
        @Override
        public boolean isRevoked() {
          return false;
        }

        @Override
        public void close() {
          // nothing is kept
        }
      };

  @Override
  public Answer forImage(ImageId image, long bytes, boolean confirmed) {
    return forFile(bytes);
  }

  @Override
  public Answer forFile(long bytes) {
    long free = freeBytes.getAsLong();
    return bytes <= free
        ? new Answer.Granted(NOTHING_KEPT)
        : new Answer.Refused(
            "only " + free + " bytes are free; free some space or move the data directory");
  }
}
