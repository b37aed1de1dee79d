package dev.gvmi.node.store.file;

import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Readings of complete images, and what follows from them. <b>Thread:</b> the store's; an audit
 * itself any.
 */
final class Audits {
  private static final Logger LOG = LoggerFactory.getLogger(Audits.class);

  private final Disk disk;
  private final Map<ImageId, FileStoredImage> images;
  private final PartialImages partials;
  private final ReentrantLock lock;
  private final Demotion demotion;

  /**
   * Of one store.
   *
   * @param images its complete images
   * @param lock held while names and rows change
   */
  Audits(
      Disk disk, Map<ImageId, FileStoredImage> images, PartialImages partials, ReentrantLock lock) {
    this.disk = disk;
    this.images = images;
    this.partials = partials;
    this.lock = lock;
    this.demotion = new Demotion(disk);
  }

  Optional<ImageAudit> begin(ImageId id) throws IOException {
    FileStoredImage image = images.get(id);
    if (image == null) {
      return Optional.empty();
    }
    disk.files().forget(image.file()); // What is at the path now is read, not what was opened once.
    Optional<Manifest> manifest =
        DataDirectory.readManifest(disk.directory().imageManifest(id), id)
            .filter(m -> m.id().equals(image.row().manifest()));
    return Optional.of(new FileAudit(image, stamp(image.file()), manifest));
  }

  private static @Nullable FileStamp stamp(Path file) throws IOException {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? FileStamp.of(file) : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private boolean passed(FileAudit audit, Manifest manifest) throws IOException {
    lock.lock();
    try {
      FileStoredImage image = audit.image;
      FileStamp now = stamp(image.file());
      if (images.get(image.id()) != image || now == null || !audit.sawAllOf(now)) {
        return false;
      }
      if (audit.manifest.isEmpty()) {
        DataDirectory.writeDurably(disk.directory().imageManifest(image.id()), manifest.bytes());
      } else if (image.isServed()) {
        return true;
      }
      ImageRow row = new ImageRow(image.id(), manifest.id(), now, image.completedAt());
      image.withdraw("it was verified again");
      disk.index().putImage(row);
      images.put(image.id(), new FileStoredImage(disk, row, manifest));
      disk.holdings().gained(image.id(), true);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean failed(FileAudit audit, BitSet goodChunks) throws IOException {
    lock.lock();
    try {
      FileStoredImage image = audit.image;
      ImageId id = image.id();
      if (images.get(id) != image) {
        return false;
      }
      image.withdraw("its file is damaged");
      LOG.info("image {} is damaged: {} of its chunks are kept", id, goodChunks.cardinality());
      if (audit.manifest.isEmpty() || partials.find(id) != null) {
        disk.directory().deleteImage(id);
        disk.files().forget(image.file());
        disk.index().removeImage(id);
      } else {
        demotion.begin(audit.manifest.get(), goodChunks);
        demotion.finish(id);
      }
      images.remove(id);
      if (goodChunks.isEmpty() || audit.manifest.isEmpty()) {
        disk.holdings().dropped(id);
      } else {
        disk.holdings().gained(id, false);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** One reading. */
  private final class FileAudit implements ImageAudit {
    private final FileStoredImage image;
    private final @Nullable FileStamp stamp;
    private final Optional<Manifest> manifest;

    FileAudit(FileStoredImage image, @Nullable FileStamp stamp, Optional<Manifest> manifest) {
      this.image = image;
      this.stamp = stamp;
      this.manifest = manifest;
    }

    /**
     * Whether the file is what it was when the reading began, but for what the store itself did to
     * it.
     */
    boolean sawAllOf(FileStamp now) {
      FileStamp before = stamp;
      return before != null
          && (before.sameContent(now) || (image.isServed() && image.row().stamp().equals(now)));
    }

    @Override
    public ImageId id() {
      return image.id();
    }

    @Override
    public Optional<Manifest> manifest() {
      return manifest;
    }

    @Override
    public Path file() {
      return image.file();
    }

    @Override
    public long fileBytes() {
      FileStamp known = stamp;
      return known == null ? 0 : known.sizeBytes();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      disk.threads()
          .run(
              "read " + image.file(),
              () -> {
                try (OpenFiles.Lease lease = open()) {
                  lease.read(offsetBytes, target);
                }
              });
    }

    private OpenFiles.Lease open() throws IOException {
      try {
        return disk.files().read(image.file());
      } catch (NoSuchFileException e) {
        throw e;
      } catch (IOException e) {
        String message = StoreException.of("open " + image.file(), e).getMessage();
        throw new StoreException(StoreException.Kind.UNUSABLE, String.valueOf(message), e);
      }
    }

    @Override
    public boolean passed(VerifiedImage proof) {
      return disk.threads()
          .call(
              "note that " + id() + " is sound", () -> Audits.this.passed(this, proof.manifest()));
    }

    @Override
    public void withdraw() {
      image.withdraw("its file is damaged, or is being removed");
      disk.holdings().dropped(id());
      disk.threads().run("close " + image.file(), () -> disk.files().forget(image.file()));
    }

    @Override
    public boolean failed(BitSet goodChunks) {
      return disk.threads()
          .call(
              "take the damaged chunks of " + id() + " out",
              () -> Audits.this.failed(this, goodChunks));
    }
  }
}
