package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes files and index agree at start-up. The files are the truth:
 *
 * <ul>
 *   <li>a row without a file is dropped;
 *   <li>an image whose file or manifest is not as its row says, or that has no row, is hashed
 *       whole: it is adopted if it is what its name says; if not, it is kept for an audit, which
 *       finds what of it is good, as long as its row and its manifest say what it should be, else
 *       deleted;
 *   <li>an image that was being made a partial again, because it was found damaged, becomes one;
 *   <li>what is no file but has the name of one is left alone, and an image that cannot be read is
 *       not held: neither keeps the others from being so;
 *   <li>a partial file without a row holds nothing; one without a manifest is deleted, and so is a
 *       manifest without a file;
 *   <li>what is left of a partial whose image is complete is deleted.
 * </ul>
 *
 * <b>Thread:</b> the one that opens the store, before anybody else sees it.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final Disk disk;
  private final Demotion demotion;
  private final Map<ImageId, FileStoredImage> images = new HashMap<>();

  /** Those that are not as their row says, and have their manifest. */
  private final Map<ImageId, FileStoredImage> suspects = new HashMap<>();

  /** The same for all files that are hashed. */
  private @Nullable ByteBuffer buffer;

  Recovery(Disk disk) {
    this.disk = disk;
    this.demotion = new Demotion(disk);
  }

  /** Runs it all. @return the complete images */
  Map<ImageId, FileStoredImage> run() throws IOException {
    for (ImageRow row : disk.index().images()) {
      unlessFaulty(disk.directory().image(row.image()), () -> recoverRow(row));
    }
    for (Path folder : DataDirectory.list(disk.directory().images())) {
      if (Files.isDirectory(folder)) {
        unlessFaulty(folder, () -> recoverFolder(folder));
      }
    }
    recoverPartials();
    dropProgressWithoutFile();
    forgetUses();
    return images;
  }

  /** A fault of one file is reported, and the next one looked at. */
  private static void unlessFaulty(Path path, DiskThreads.Action action) {
    try {
      action.run();
    } catch (IOException e) {
      LOG.warn(
          "{}; what is there is not held until a start can read it",
          StoreException.of("look at " + path, e).getMessage());
    }
  }

  private void recoverRow(ImageRow row) throws IOException {
    ImageId id = row.image();
    Path file = disk.directory().image(id);
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      LOG.warn("image {} is gone from {}: forgotten", id, file);
      disk.directory().deleteImage(id);
      disk.index().removeImage(id);
      return;
    }
    FileStamp now = FileStamp.of(file);
    Optional<Manifest> manifest = manifestOf(id, row.manifest());
    if (row.stamp().sameContent(now) && manifest.isPresent()) {
      if (!row.stamp().equals(now)) {
        disk.remember(row.withStamp(now));
      }
      images.put(id, new FileStoredImage(disk, row.withStamp(now), manifest.get()));
    } else {
      manifest.ifPresent(known -> suspects.put(id, new FileStoredImage(disk, row, known)));
    }
  }

  private Optional<Manifest> manifestOf(ImageId id, ManifestId expected) throws IOException {
    return DataDirectory.readManifest(disk.directory().imageManifest(id), id)
        .filter(m -> m.id().equals(expected));
  }

  private void recoverFolder(Path folder) throws IOException {
    List<Path> others = new ArrayList<>();
    for (Path file : DataDirectory.list(folder)) {
      Optional<ImageId> id = disk.directory().imageOf(file);
      if (id.isEmpty()) {
        others.add(file);
      } else if (!images.containsKey(id.get())) {
        unlessFaulty(
            file,
            () -> {
              if (!demoted(id.get())) {
                adoptOrDelete(id.get(), file);
              }
            });
      }
    }
    for (Path file : others) {
      Optional<ImageId> id =
          disk.directory().manifestOf(file).or(() -> disk.directory().deltaOf(file));
      if (DataDirectory.isTemporary(file) || (id.isPresent() && isOrphan(id.get()))) {
        DataDirectory.delete(file);
      }
    }
  }

  /**
   * A manifest or delta index beside no image; one beside a file that could not be read stays with
   * it.
   */
  private boolean isOrphan(ImageId id) {
    return !images.containsKey(id)
        && Files.notExists(disk.directory().image(id), LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether the image was on its way to be a partial when the process ended, and is one now. */
  private boolean demoted(ImageId id) throws IOException {
    if (suspects.containsKey(id) || !demotion.isUnderWay(id)) {
      return false;
    }
    try {
      demotion.finish(id);
      return true;
    } catch (IOException e) {
      LOG.warn("the good chunks of the damaged image {} could not be kept: {}", id, e.toString());
      return false;
    }
  }

  private void adoptOrDelete(ImageId id, Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      LOG.warn("{} has the name of an image and is no file: left alone; move it away", file);
      disk.index().removeImage(id);
      return;
    }
    LOG.info("image {} is not as the index knows it: verifying {}", id, file);
    Optional<Manifest> manifest = hash(id, file);
    FileStoredImage suspect = suspects.get(id);
    if (manifest.isEmpty() && suspect != null) {
      LOG.info("image {} is damaged: kept for an audit, and not served", id);
      suspect.withdraw("its file is damaged");
      disk.files().forget(file);
      images.put(id, suspect);
      return;
    }
    if (manifest.isEmpty()) {
      LOG.warn("{} is not the image its name says: deleted", file);
      disk.directory().deleteImage(id);
      disk.files().forget(file);
      disk.index().removeImage(id);
      return;
    }
    DataDirectory.writeDurably(disk.directory().imageManifest(id), manifest.get().bytes());
    try (OpenFiles.Lease lease = disk.files().read(file)) {
      DataDirectory.makeReadOnly(file);
      lease.sync();
    }
    ImageRow row =
        new ImageRow(id, manifest.get().id(), FileStamp.of(file), disk.clock().instant());
    disk.remember(row);
    images.put(id, new FileStoredImage(disk, row, manifest.get()));
  }

  /** The manifest of the file, made here, if the file is that image. */
  private Optional<Manifest> hash(ImageId id, Path file) throws IOException {
    long size = Files.size(file);
    if (size < 1) {
      return Optional.empty();
    }
    ManifestBuilder builder;
    try {
      builder = new ManifestBuilder(id.algorithm(), size, new ScalarSegmentHasher());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Larger than any image may be.
    }
    ByteBuffer buffer = buffer();
    try (OpenFiles.Lease lease = disk.files().read(file)) {
      for (long offset = 0; offset < size; offset += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), size - offset));
        lease.read(offset, buffer);
        builder.update(buffer.flip());
      }
    }
    return Optional.of(builder.finish()).filter(m -> m.image().equals(id));
  }

  private ByteBuffer buffer() {
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    }
    return buffer;
  }

  private void recoverPartials() throws IOException {
    DataDirectory directory = disk.directory();
    Set<ImageId> kept = new HashSet<>();
    List<Path> files = DataDirectory.list(directory.partials());
    for (Path file : files) {
      Optional<ImageId> id = directory.partialOf(file);
      if (id.isPresent() && isUsable(id.get())) {
        kept.add(id.get());
      }
    }
    for (Path file : files) {
      Optional<ImageId> id = directory.partialOf(file).or(() -> directory.manifestOf(file));
      if (DataDirectory.isTemporary(file) || (id.isPresent() && !kept.contains(id.get()))) {
        DataDirectory.delete(file);
      }
    }
    DataDirectory.syncFolder(directory.partials());
  }

  private boolean isUsable(ImageId id) throws IOException {
    return !images.containsKey(id)
        && DataDirectory.readManifest(disk.directory().partialManifest(id), id).isPresent();
  }

  private void forgetUses() throws IOException {
    Set<ImageId> here = new HashSet<>(images.keySet());
    for (Path file : DataDirectory.list(disk.directory().partials())) {
      disk.directory().partialOf(file).ifPresent(here::add);
    }
    disk.uses().retain(here);
  }

  private void dropProgressWithoutFile() {
    for (ProgressRow row : disk.index().allProgress()) {
      if (!Files.isRegularFile(disk.directory().partial(row.image()))) {
        disk.index().removeProgress(row.image());
      }
    }
  }
}
