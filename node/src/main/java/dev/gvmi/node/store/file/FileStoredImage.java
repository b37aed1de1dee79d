package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A complete image. Its file is compared with what the index knows of it when it is opened and,
 * while it is looked up or read, at most once a second; once it differs the image is not served
 * again.
 *
 * <p><b>Thread:</b> any.
 */
final class FileStoredImage implements StoredImage {
  private static final Logger LOG = LoggerFactory.getLogger(FileStoredImage.class);
  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

  private final Disk disk;
  private final ImageId id;
  private final Path file;
  private final Geometry geometry;

  /** Replaced under the monitor; read anywhere. */
  private volatile ImageRow row;

  /** Why it is not served; set once, null while it is. */
  private volatile @Nullable String gone;

  /** When the file was last looked at. Two threads that look at once do no harm. */
  private volatile Instant checkedAt;

  /** Kept while there is memory: a manifest may have megabytes. */
  private volatile SoftReference<Manifest> manifest;

  FileStoredImage(Disk disk, ImageRow row, Manifest manifest) {
    this.disk = disk;
    this.id = row.image();
    this.file = disk.directory().image(id);
    this.geometry = manifest.geometry();
    this.row = row;
    this.manifest = new SoftReference<>(manifest);
    this.checkedAt = disk.clock().instant();
  }

  @Override
  public ImageId id() {
    return id;
  }

  @Override
  public ManifestId manifestId() {
    return row.manifest();
  }

  @Override
  public long sizeBytes() {
    return row.stamp().sizeBytes();
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public Instant completedAt() {
    return row.completedAt();
  }

  @Override
  public Manifest manifest() {
    Manifest known = manifest.get();
    return known != null ? known : disk.threads().call("read the manifest of " + id, this::load);
  }

  @Override
  public void read(long offsetBytes, ByteBuffer... targets) {
    requireInside(geometry, offsetBytes, targets);
    requireServed();
    disk.threads().run("read " + file, () -> readNow(offsetBytes, targets));
  }

  @Override
  public void check() {
    requireServed();
    disk.threads().run("look at " + file, this::checkNow);
  }

  @Override
  public void linked() {
    requireServed();
    disk.threads().run("touch " + file, this::touchNow);
  }

  int manifestBytes() {
    return geometry.manifestBytes();
  }

  /** Whether nothing has spoken against it so far; asks the disk nothing. */
  boolean isServed() {
    return gone == null;
  }

  /**
   * Whether it is there to be offered: what is known of it, and once a second what its file says.
   */
  boolean isHeld() {
    return isServed()
        && (!checkIsDue() || disk.threads().call("look at " + file, this::isUnchanged));
  }

  /** What the index knows of it. */
  ImageRow row() {
    return row;
  }

  /** Looks at the file now. On the store's threads. */
  boolean isUnchanged() {
    try {
      checkNow();
      return true;
    } catch (IOException | StoreException e) {
      return false;
    }
  }

  /** Before the image is removed or replaced: from then on no look at its file writes its row. */
  synchronized void withdraw(String why) {
    gone = why;
  }

  static void requireInside(Geometry geometry, long offsetBytes, ByteBuffer... targets) {
    long bytes = 0;
    for (ByteBuffer target : targets) {
      bytes += target.remaining();
    }
    if (offsetBytes < 0 || offsetBytes > geometry.sizeBytes() - bytes) {
      throw new IllegalArgumentException(
          bytes + " bytes at " + offsetBytes + " are not inside " + geometry.sizeBytes());
    }
  }

  private void readNow(long offsetBytes, ByteBuffer... targets) throws IOException {
    try (OpenFiles.Lease lease = lease()) {
      if (lease.opened() || checkIsDue()) {
        checkNow();
      }
      lease.read(offsetBytes, targets);
    }
    disk.used(id);
  }

  private boolean checkIsDue() {
    Instant now = disk.clock().instant();
    Instant last = checkedAt;
    return now.isBefore(last) || !now.isBefore(last.plus(CHECK_EVERY));
  }

  private synchronized void checkNow() throws IOException {
    requireServed();
    FileStamp known = row.stamp();
    FileStamp now = stamp();
    if (!known.sameContent(now)) {
      throw changed(known, now);
    }
    checkedAt = disk.clock().instant();
    if (!known.equals(now)) {
      remember(now);
    }
  }

  private synchronized void touchNow() throws IOException {
    requireServed();
    FileStamp known = row.stamp();
    FileStamp now = stamp();
    if (!known.sameButForLinks(now)) {
      throw changed(known, now);
    }
    Files.setLastModifiedTime(file, FileTime.from(disk.clock().instant()));
    remember(stamp());
  }

  private FileStamp stamp() throws IOException {
    try {
      return FileStamp.of(file);
    } catch (NoSuchFileException e) {
      throw lost(e);
    }
  }

  private OpenFiles.Lease lease() throws IOException {
    try {
      return disk.files().read(file);
    } catch (NoSuchFileException e) {
      throw lost(e);
    }
  }

  private NoSuchFileException lost(NoSuchFileException e) throws IOException {
    withdraw("its file is gone");
    disk.holdings().dropped(id);
    disk.files().forget(file);
    LOG.warn("image {} is not held any more: {} is gone", id, file);
    return e;
  }

  private void remember(FileStamp now) {
    ImageRow next = row.withStamp(now);
    row = next;
    disk.remember(next);
  }

  private StoreException changed(FileStamp known, FileStamp now) throws IOException {
    withdraw("its file changed since it was verified");
    disk.holdings().dropped(id);
    disk.files().forget(file);
    LOG.warn(
        "image {} is not served any more: {} changed since it was verified (it was {}, it is {}); 'gvmi-p2p verify' finds what"
            + " is damaged and repairs it",
        id,
        file,
        known,
        now);
    return new StoreException(
        StoreException.Kind.IO, "image " + id + " changed on disk since it was verified: " + file);
  }

  private Manifest load() throws IOException {
    Manifest loaded =
        DataDirectory.readManifest(disk.directory().imageManifest(id), id)
            .filter(m -> m.id().equals(row.manifest()))
            .orElseThrow(
                () -> new IOException("the manifest beside the image is missing or damaged"));
    manifest = new SoftReference<>(loaded);
    return loaded;
  }

  private void requireServed() {
    String why = gone;
    if (why != null) {
      throw new StoreException(
          StoreException.Kind.IO, "image " + id + " is not held any more: " + why);
    }
  }
}
