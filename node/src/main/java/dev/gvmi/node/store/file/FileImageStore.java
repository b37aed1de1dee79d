package dev.gvmi.node.store.file;

import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.Footprint;
import dev.gvmi.node.store.HoldingsListener;
import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of one data directory: files here, rows in an index.
 *
 * <p>Looking an image up is a look into a map, and one at its file at most once a second;
 * everything else runs on the store's threads. The lock makes one change of names and rows after
 * the other; it is taken after the locks of a partial, never before.
 *
 * <p><b>Thread:</b> any.
 */
public final class FileImageStore implements ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileImageStore.class);
  private static final int MAX_OPEN_FILES = 64;

  private final Disk disk;
  private final Map<ImageId, FileStoredImage> images;
  private final PartialImages partials;
  private final Audits audits;
  private final Footprints footprints;
  private final FileDeltaStore deltas;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileImageStore(Disk disk, Map<ImageId, FileStoredImage> images) {
    this.disk = disk;
    this.images = new ConcurrentHashMap<>(images);
    this.partials = new PartialImages(disk, lock);
    this.footprints = new Footprints(disk, this.images, partials);
    this.audits = new Audits(disk, this.images, partials, lock);
    this.deltas = new FileDeltaStore(disk, this.images, lock);
  }

  /**
   * Locks the data directory, opens the index in it, and makes both agree. May take long: images
   * the index does not know are hashed.
   *
   * <p><b>Errors:</b> {@link StoreException}, of kind IN_USE if another process holds the
   * directory, UNUSABLE if it cannot be written.
   */
  public static ImageStore open(Path dataDir, StoreIndex.Opener index, InstantSource clock) {
    DiskThreads threads = new DiskThreads();
    try {
      return threads.call(
          "open data directory " + dataDir, () -> openHere(threads, dataDir, index, clock));
    } catch (RuntimeException e) {
      threads.close();
      throw e;
    }
  }

  @Override
  public Optional<StoredImage> image(ImageId id) {
    FileStoredImage image = images.get(id);
    return image != null && image.isHeld() ? Optional.of(image) : Optional.empty();
  }

  @Override
  public List<StoredImage> images() {
    return images.values().stream()
        .filter(FileStoredImage::isHeld)
        .<StoredImage>map(image -> image)
        .sorted(Comparator.comparing(image -> image.id().hex()))
        .toList();
  }

  @Override
  public Optional<PartialImage> partial(ImageId id) {
    PartialImage open = partials.open(id);
    return open != null
        ? Optional.of(open)
        : disk.threads()
            .call(
                "open the partial image " + id,
                () -> Optional.<PartialImage>ofNullable(partials.find(id)));
  }

  @Override
  public List<PartialImage> partials() {
    return disk.threads().call("list the partial images", partials::all);
  }

  @Override
  public PartialImage openPartial(Manifest manifest) {
    return disk.threads()
        .call("open the partial image " + manifest.image(), () -> partials.openOrCreate(manifest));
  }

  @Override
  public StoredImage complete(PartialImage partial, VerifiedImage proof) {
    if (!(partial instanceof FilePartialImage ours)) {
      throw new IllegalArgumentException("not a partial of this store");
    }
    requireSameImage(partial.manifest(), proof.manifest());
    return disk.threads()
        .call("complete the image " + ours.id(), () -> completeHere(ours, proof.manifest()));
  }

  @Override
  public Path newImportFile() {
    return disk.threads()
        .call(
            "make a file for an import",
            () -> Files.createTempFile(disk.directory().imports(), "import-", ".tmp"));
  }

  @Override
  public StoredImage adopt(Path importFile, VerifiedImage proof) {
    Manifest manifest = proof.manifest();
    return disk.threads()
        .call(
            "take over the image " + manifest.image() + " from " + importFile,
            () -> adoptHere(importFile, manifest));
  }

  @Override
  public List<ImageId> auditable() {
    return images.keySet().stream().sorted(Comparator.comparing(ImageId::hex)).toList();
  }

  @Override
  public Optional<ImageAudit> audit(ImageId id) {
    return disk.threads().call("read the image " + id, () -> audits.begin(id));
  }

  @Override
  public List<Footprint> footprints() {
    return disk.threads().call("see what images take", footprints::all);
  }

  @Override
  public ImageLease lease(ImageId id) {
    return disk.uses().lease(id) ? new FileLease(disk.uses(), id) : ImageLease.NONE;
  }

  private record FileLease(Uses uses, ImageId image, AtomicBoolean closed) implements ImageLease {
    FileLease(Uses uses, ImageId image) {
      this(uses, image, new AtomicBoolean());
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        uses.release(image);
      }
    }
  }

  @Override
  public void used(ImageId id) {
    disk.used(id);
  }

  @Override
  public boolean isPinned(ImageId id) {
    return disk.uses().isPinned(id);
  }

  @Override
  public boolean pin(ImageId id, boolean pinned) {
    return disk.threads()
        .call(
            "pin the image " + id,
            () -> {
              boolean there = images.containsKey(id) || partials.find(id) != null;
              if (there) {
                disk.uses().pin(id, pinned);
              }
              return there;
            });
  }

  @Override
  public boolean evict(ImageId id, Runnable alongside) {
    if (!disk.uses().retire(id)) {
      return false;
    }
    try {
      FileStoredImage image = images.get(id);
      if (image != null) {
        image.withdraw("it is being evicted");
        disk.holdings().dropped(id);
      }
      alongside.run();
      return remove(id);
    } finally {
      disk.uses().restore(id);
    }
  }

  @Override
  public DeltaStore deltas() {
    return deltas;
  }

  @Override
  public boolean remove(ImageId id) {
    return disk.threads()
        .call(
            "remove the image " + id,
            () -> {
              boolean complete = removeComplete(id);
              boolean partial = partials.remove(id);
              if (complete || partial) {
                disk.holdings().dropped(id);
                disk.uses().forget(id);
              }
              return complete || partial;
            });
  }

  @Override
  public void addHoldingsListener(HoldingsListener listener) {
    disk.holdings().add(listener);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        disk.threads()
            .run(
                "close the store",
                () -> {
                  disk.uses().writeAll();
                  partials.closeAll();
                });
      } finally {
        disk.threads().close();
        closeAll(disk);
      }
    }
  }

  private static ImageStore openHere(
      DiskThreads threads, Path dataDir, StoreIndex.Opener opener, InstantSource clock)
      throws IOException {
    DataDirectory directory = DataDirectory.open(dataDir);
    @Nullable StoreIndex index = null;
    boolean opened = false;
    try {
      index = opener.open(directory.index());
      Disk disk =
          new Disk(
              directory,
              index,
              new OpenFiles(MAX_OPEN_FILES),
              threads,
              new Holdings(),
              new Uses(index, clock),
              clock);
      FileImageStore store = new FileImageStore(disk, new Recovery(disk).run());
      opened = true;
      return store;
    } finally {
      if (!opened) {
        if (index != null) {
          index.close();
        }
        directory.close();
      }
    }
  }

  private static void closeAll(Disk disk) {
    try {
      disk.files().close();
    } catch (IOException e) {
      LOG.debug("closing the data files failed", e); // All that counts was synced.
    }
    disk.index().close();
    disk.directory().close();
  }

  private StoredImage completeHere(FilePartialImage partial, Manifest manifest) throws IOException {
    if (partial.isOpen()) {
      partial.requireAllChunks(); // Before the end: the caller's mistake costs no chunk.
    } else if (partial.completed().isEmpty()) {
      partial.requireOpen(); // Says why it is not.
    }
    partial.end(
        "complete",
        () -> {
          partial.flush();
          fit(partial.file(), manifest.geometry().sizeBytes());
          partial.becomes(install(partial.file(), manifest));
        });
    return partial
        .completed()
        .orElseThrow(() ->
            new StoreException(
                StoreException.Kind.IO,
                "complete the image " + partial.id() + ": its partial was just closed"));
  }

  private StoredImage adoptHere(Path importFile, Manifest manifest) throws IOException {
    Path file = importFile.toAbsolutePath().normalize();
    if (!disk.directory().imports().equals(file.getParent())) {
      throw new IllegalArgumentException(importFile + " is no import file of this store");
    }
    if (Files.size(file) != manifest.geometry().sizeBytes()) {
      throw new IllegalArgumentException(importFile + " has not the size its proof says");
    }
    FileStoredImage held = images.get(manifest.image());
    if (held != null && held.isUnchanged()) {
      Files.delete(file);
      return held;
    }
    syncFile(file);
    StoredImage image = install(file, manifest);
    removePartial(manifest.image());
    return image;
  }

  /** Of an image that is held now. What stays of it is deleted at the next start. */
  private void removePartial(ImageId id) {
    try {
      partials.remove(id);
    } catch (IOException | StoreException e) {
      LOG.warn("the partial image {} could not be deleted: {}", id, e.getMessage());
    }
  }

  /** The file is what was verified and no more: it is handed on whole, by a link. */
  private void fit(Path file, long sizeBytes) throws IOException {
    try (OpenFiles.Lease lease = disk.files().write(file)) {
      lease.truncate(sizeBytes);
      lease.sync();
    }
    if (Files.size(file) != sizeBytes) {
      throw new IOException(file + " was cut to " + Files.size(file) + " bytes by somebody");
    }
  }

  private void syncFile(Path file) throws IOException {
    try (OpenFiles.Lease lease = disk.files().write(file)) {
      lease.sync();
    }
  }

  /**
   * A synced file becomes a complete image: manifest, name, both folders, row. Open files are
   * forgotten after the name changed: what was opened before is gone then, what is opened later is
   * the new file.
   */
  private StoredImage install(Path from, Manifest manifest) throws IOException {
    ImageId id = manifest.image();
    DataDirectory directory = disk.directory();
    lock.lock();
    try {
      directory.createImageFolder(id);
      DataDirectory.writeDurably(directory.imageManifest(id), manifest.bytes());
      FileStoredImage before = images.get(id);
      if (before != null) {
        before.withdraw("it was replaced");
      }
      directory.install(from, id);
      disk.files().forget(from);
      disk.files().forget(directory.image(id));
      FileStamp stamp = FileStamp.of(directory.image(id));
      ImageRow row = new ImageRow(id, manifest.id(), stamp, disk.clock().instant());
      disk.remember(row);
      FileStoredImage image = new FileStoredImage(disk, row, manifest);
      images.put(id, image);
      DataDirectory.delete(directory.partialManifest(id));
      disk.holdings().gained(id, true);
      return image;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The file first: a row without a file is dropped at start, a file without a row would come back.
   * Spans last: they are no harm.
   */
  private boolean removeComplete(ImageId id) throws IOException {
    lock.lock();
    try {
      Optional<DeltaIndex> spans = deltas.readable(id);
      FileStoredImage image = images.remove(id);
      if (image == null) {
        return false;
      }
      image.withdraw("it was removed");
      disk.directory().deleteImage(id);
      disk.files().forget(image.file());
      disk.index().removeImage(id);
      deltas.forget(id, spans);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static void requireSameImage(Manifest partial, Manifest proof) {
    if (!partial.image().equals(proof.image())
        || partial.geometry().sizeBytes() != proof.geometry().sizeBytes()) {
      throw new IllegalArgumentException(
          "the proof is of " + proof.image() + ", the partial of " + partial.image());
    }
  }
}
