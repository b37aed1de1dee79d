package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all parts of one open store share. */
record Disk(
    DataDirectory directory,
    StoreIndex index,
    OpenFiles files,
    DiskThreads threads,
    Holdings holdings,
    Uses uses,
    InstantSource clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

  /** The image is used; on any thread, and without waiting for the index. */
  void used(ImageId image) {
    if (uses.touch(image)) {
      threads.later(Duration.ZERO, () -> noteUse(image));
    }
  }

  private void noteUse(ImageId image) {
    try {
      uses.write(image);
    } catch (StoreException e) {
      LOG.debug("the use of {} was not noted", image, e); // It only seems older.
    }
  }

  /**
   * Writes the row of a complete image. A row only saves the next start a look at all of the file:
   * where none can be written, on a full disk say, the image is held just as well.
   */
  void remember(ImageRow row) {
    try {
      index.putImage(row);
    } catch (StoreException e) {
      LOG.warn(
          "image {} is held, but the next start has to verify it again: {}",
          row.image(),
          e.getMessage());
    }
  }
}
