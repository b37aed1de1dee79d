package dev.gvmi.node.store.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.VerifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partial image: one data file, written by position, and its progress in the index.
 *
 * <p><b>Durability.</b> A chunk's bit is set in memory when its bytes are written. A sync takes the
 * bits as they are (the batch), runs fdatasync, and only then writes the bits to the index in a
 * synced batch: so a bit in the index means bytes on disk. Writes go on meanwhile and belong to the
 * next batch. The descriptor stays open from the first write of a batch to its sync, because the
 * kernel reports a failed write-back to descriptors that were open then.
 *
 * <p><b>A failed sync</b> may have thrown the dirty pages away, and a second fdatasync would then
 * say that all is well. So it is never retried: all bits that are not in the index are cleared, and
 * this object fails from then on. The partial can be opened again, with what is durable.
 *
 * <p><b>Locks</b>, in this order, on threads that enter files only: {@code gate} (writes share it,
 * the end of the partial has it alone), {@code syncing} (one sync at a time), the progress.
 *
 * <p><b>Thread:</b> any.
 */
final class FilePartialImage implements PartialImage {
  private static final Logger LOG = LoggerFactory.getLogger(FilePartialImage.class);
  private static final Duration RECHECK = Duration.ofMillis(250);

  private final Disk disk;
  private final Manifest manifest;
  private final Path file;
  private final Consumer<FilePartialImage> onEnd;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final ReentrantLock syncing = new ReentrantLock();

  /** Guarded by its own monitor. */
  private final Progress progress;

  /** Keeps the descriptor of the batch open. */
  @GuardedBy("progress")
  private OpenFiles.@Nullable Lease dirtyFile;

  @GuardedBy("progress")
  private boolean timed;

  /**
   * Why it takes no more; set once, null while it is open. Read without a lock: a late look only
   * means one more call that fails later.
   */
  private volatile @Nullable End ended;

  /**
   * Why it takes no more; a fault keeps its kind, so that a full disk is told from others by every
   * call that meets it.
   */
  private record End(StoreException.Kind kind, String why) {}

  /** What became of it, once it is complete. */
  private volatile @Nullable StoredImage completed;

  FilePartialImage(
      Disk disk, Manifest manifest, Progress progress, Consumer<FilePartialImage> onEnd) {
    this.disk = disk;
    this.manifest = manifest;
    this.file = disk.directory().partial(manifest.image());
    this.progress = progress;
    this.onEnd = onEnd;
  }

  @Override
  public Manifest manifest() {
    return manifest;
  }

  ImageId id() {
    return manifest.image();
  }

  Path file() {
    return file;
  }

  boolean isOpen() {
    return ended == null;
  }

  @Override
  public BitSet chunks() {
    synchronized (progress) {
      return progress.chunks();
    }
  }

  @Override
  public int chunkCount() {
    synchronized (progress) {
      return progress.chunkCount();
    }
  }

  @Override
  public BitSet verifiedSegments() {
    synchronized (progress) {
      return progress.segments();
    }
  }

  @Override
  public void write(VerifiedChunk chunk) {
    if (!chunk.manifest().equals(manifest.id())) {
      throw new IllegalArgumentException(
          "chunk of manifest " + chunk.manifest() + " given to a partial of " + manifest.id());
    }
    requireOpen();
    if (!isHere(chunk.index())) {
      disk.threads().run("write chunk " + chunk.index() + " of " + file, () -> writeNow(chunk));
    }
  }

  @Override
  public void segmentVerified(int segment) {
    if (segment < 0 || segment >= manifest.geometry().segmentCount()) {
      throw new IllegalArgumentException("no segment " + segment);
    }
    requireOpen();
    synchronized (progress) {
      if (!progress.hasChunksOf(segment)) {
        requireOpen();
        throw new IllegalStateException("segment " + segment + " has chunks that are not here");
      }
      progress.verified(segment, disk.clock().instant());
      startTimer();
    }
  }

  @Override
  public void read(long offsetBytes, ByteBuffer... targets) {
    FileStoredImage.requireInside(manifest.geometry(), offsetBytes, targets);
    disk.threads().run("read " + file, () -> readNow(offsetBytes, targets));
  }

  @Override
  public void sync() {
    requireOpen();
    disk.threads().run("sync " + file, this::flush);
  }

  @Override
  public void close() {
    if (isOpen()) {
      disk.threads().run("close " + file, () -> end("closed", this::flush));
    }
  }

  /**
   * Ends the partial: waits for writes and syncs that run, runs the last action with nobody else
   * inside, and takes nothing from then on. If the action fails the partial fails. On the store's
   * threads. Nothing happens if it has ended before.
   */
  void end(String why, DiskThreads.Action last) throws IOException {
    gate.writeLock().lock();
    syncing.lock();
    try {
      if (isOpen()) {
        last.run();
        stop(new End(StoreException.Kind.IO, why));
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
      throw e;
    } finally {
      syncing.unlock();
      gate.writeLock().unlock();
    }
  }

  /** {@link IllegalArgumentException} unless every chunk is here. */
  void requireAllChunks() {
    if (chunkCount() != manifest.geometry().chunkCount()) {
      throw new IllegalArgumentException("partial image " + id() + " has not all of its chunks");
    }
  }

  /** The last action's word that the image is complete: reads go on there. */
  void becomes(StoredImage image) {
    completed = image;
  }

  Optional<StoredImage> completed() {
    return Optional.ofNullable(completed);
  }

  /** Makes the batch durable: data first, then the bits. On the store's threads. */
  void flush() throws IOException {
    syncing.lock();
    try {
      requireOpen();
      ProgressRow batch;
      OpenFiles.@Nullable Lease written;
      synchronized (progress) {
        if (!progress.dirty()) {
          return;
        }
        batch = progress.take();
        written = dirtyFile;
      }
      flush(batch, written);
    } finally {
      syncing.unlock();
    }
  }

  private void flush(ProgressRow batch, OpenFiles.@Nullable Lease written) throws IOException {
    try {
      if (written != null) {
        written.syncData();
      }
      disk.index().putProgress(batch);
    } catch (IOException | RuntimeException e) {
      fail(e);
      throw e;
    }
    synchronized (progress) {
      progress.synced(batch);
      if (!progress.dirty()) {
        releaseDirtyFile();
      }
    }
  }

  private boolean isHere(int chunk) {
    synchronized (progress) {
      return progress.hasChunk(chunk);
    }
  }

  private void writeNow(VerifiedChunk chunk) throws IOException {
    gate.readLock().lock();
    try {
      requireOpen();
      try (OpenFiles.Lease lease = disk.files().write(file)) {
        lease.write(manifest.geometry().chunkOffset(chunk.index()), chunk.bytes());
        noteWritten(chunk.index(), lease);
      }
    } finally {
      gate.readLock().unlock();
    }
    if (due()) {
      flushIfDue();
    }
  }

  private void noteWritten(int chunk, OpenFiles.Lease lease) {
    synchronized (progress) {
      requireOpen();
      if (progress.chunkCount() == 0) {
        disk.holdings().gained(id(), false);
      }
      progress.written(chunk, disk.clock().instant());
      if (dirtyFile == null && progress.dirty()) {
        dirtyFile = lease.again();
      }
      startTimer();
    }
  }

  private boolean due() {
    synchronized (progress) {
      return progress.due(disk.clock().instant());
    }
  }

  /** Several writers find the batch due at once: the first one syncs it. */
  private void flushIfDue() throws IOException {
    syncing.lock();
    try {
      if (isOpen() && due()) {
        flush();
      }
    } finally {
      syncing.unlock();
    }
  }

  @GuardedBy("progress")
  private void startTimer() {
    if (!timed && progress.dirty()) {
      timed = true;
      disk.threads().later(Progress.BATCH_AGE, this::onTimer);
    }
  }

  private void onTimer() {
    try {
      flushIfDue();
    } catch (IOException | RuntimeException e) {
      LOG.debug("sync of {} failed", file, e); // The partial has failed and was reported by fail().
    }
    synchronized (progress) {
      timed = isOpen() && progress.dirty();
      if (timed) {
        disk.threads().later(RECHECK, this::onTimer);
      }
    }
  }

  private void readNow(long offsetBytes, ByteBuffer... targets) throws IOException {
    StoredImage image = completed;
    if (image != null) {
      image.read(offsetBytes, targets);
      return;
    }
    requireReadable();
    try (OpenFiles.Lease lease = disk.files().write(file)) {
      lease.read(offsetBytes, targets);
    } catch (NoSuchFileException e) { // of the opening: nothing was read
      if (awaitEnd() == null) {
        throw e;
      }
      readNow(offsetBytes, targets);
    }
  }

  /** The file is gone from partial/: whoever moves it has the gate. */
  private @Nullable StoredImage awaitEnd() {
    gate.readLock().lock();
    try {
      return completed;
    } finally {
      gate.readLock().unlock();
    }
  }

  private void fail(Exception cause) {
    if (isOpen()) {
      LOG.warn(
          "partial image {}: {}; what was not synced yet will be fetched again",
          id(),
          cause.getMessage());
      stop(new End(StoreException.kindOf(cause), "failed before: " + cause.getMessage()));
    }
  }

  private void stop(End why) {
    synchronized (progress) {
      ended = why;
      if (completed == null) {
        progress.lose();
      }
      try {
        releaseDirtyFile();
        disk.files().forget(file);
      } catch (IOException e) {
        LOG.debug("closing {} failed", file, e); // All that counts was synced, or is lost already.
      }
    }
    onEnd.accept(this);
  }

  @GuardedBy("progress")
  private void releaseDirtyFile() throws IOException {
    OpenFiles.Lease lease = dirtyFile;
    dirtyFile = null;
    if (lease != null) {
      lease.close();
    }
  }

  private void requireReadable() {
    if (completed == null) {
      requireOpen();
    }
  }

  void requireOpen() {
    End end = ended;
    if (end != null) {
      throw new StoreException(end.kind(), "partial image " + id() + " is not open: " + end.why());
    }
  }
}
