package dev.gvmi.node.store.file;

import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The partial images of a store: those that are open, and those on disk. <b>Thread:</b> the
 * store's; {@link #open} any.
 */
final class PartialImages {
  private static final int CHUNK_HASH_BYTES = 32;

  private final Disk disk;
  private final ReentrantLock lock;
  private final Map<ImageId, FilePartialImage> open = new ConcurrentHashMap<>();

  /**
   * Of one store.
   *
   * @param lock held while names and rows change
   */
  PartialImages(Disk disk, ReentrantLock lock) {
    this.disk = disk;
    this.lock = lock;
  }

  /** The partial image if it is open. */
  @Nullable FilePartialImage open(ImageId id) {
    FilePartialImage partial = open.get(id);
    return partial != null && partial.isOpen() ? partial : null;
  }

  /** The partial image, opened if it is on disk only. */
  @Nullable FilePartialImage find(ImageId id) throws IOException {
    lock.lock();
    try {
      FilePartialImage partial = open(id);
      return partial != null ? partial : load(id);
    } finally {
      lock.unlock();
    }
  }

  List<PartialImage> all() throws IOException {
    List<FilePartialImage> all = new ArrayList<>();
    for (Path file : DataDirectory.list(disk.directory().partials())) {
      Optional<ImageId> id = disk.directory().partialOf(file);
      FilePartialImage partial = id.isPresent() ? find(id.get()) : null;
      if (partial != null) {
        all.add(partial);
      }
    }
    all.sort(Comparator.comparing(partial -> partial.id().hex()));
    return List.copyOf(all);
  }

  FilePartialImage openOrCreate(Manifest manifest) throws IOException {
    while (true) {
      FilePartialImage other;
      lock.lock();
      try {
        other = find(manifest.image());
        if (other == null) {
          return create(manifest);
        }
      } finally {
        lock.unlock();
      }
      if (other.manifest().id().equals(manifest.id())) {
        return other;
      }
      replace(other, manifest);
    }
  }

  /** Deletes the partial image, open or on disk. */
  boolean remove(ImageId id) throws IOException {
    FilePartialImage partial = find(id);
    if (partial != null) {
      partial.end("removed", () -> delete(id));
      return true;
    }
    boolean leftover = Files.isRegularFile(disk.directory().partial(id));
    if (leftover) {
      delete(id);
    }
    return leftover;
  }

  /** Syncs and closes all that are open; goes on after a fault, and throws the first at the end. */
  void closeAll() {
    @Nullable StoreException first = null;
    for (FilePartialImage partial : List.copyOf(open.values())) {
      try {
        partial.close();
      } catch (StoreException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void delete(ImageId id) throws IOException {
    lock.lock();
    try {
      disk.directory().deletePartial(id);
      disk.files().forget(disk.directory().partial(id));
      disk.index().removeProgress(id);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A new, empty partial. A row left from a file that somebody deleted would lie about the new one:
   * it goes first.
   */
  private FilePartialImage create(Manifest manifest) throws IOException {
    ImageId id = manifest.image();
    delete(id);
    DataDirectory.writeDurably(disk.directory().partialManifest(id), manifest.bytes());
    Files.createFile(disk.directory().partial(id));
    DataDirectory.syncFolder(disk.directory().partials());
    return keep(manifest, new Progress(manifest, new BitSet(), new BitSet(), 0));
  }

  private @Nullable FilePartialImage load(ImageId id) throws IOException {
    Path file = disk.directory().partial(id);
    Optional<Manifest> manifest =
        DataDirectory.readManifest(disk.directory().partialManifest(id), id);
    if (manifest.isEmpty() || !Files.isRegularFile(file)) {
      return null;
    }
    Manifest known = manifest.get();
    Optional<ProgressRow> found = disk.index().progress(id);
    ProgressRow row =
        found
            .filter(r -> r.manifest().equals(known.id()))
            .orElseGet(() -> new ProgressRow(id, known.id(), new BitSet(), new BitSet()));
    Progress progress = new Progress(known, row.chunks(), row.segments(), Files.size(file));
    correct(found, new ProgressRow(id, known.id(), progress.chunks(), progress.segments()));
    return keep(known, progress);
  }

  /**
   * Bits that are not believed go from the index before a write can make them look true again: it
   * may lengthen the file.
   */
  private void correct(Optional<ProgressRow> found, ProgressRow believed) {
    if (found.isPresent() && !found.get().equals(believed)) {
      disk.index().putProgress(believed);
    }
  }

  private FilePartialImage keep(Manifest manifest, Progress progress) {
    FilePartialImage partial =
        new FilePartialImage(disk, manifest, progress, ended -> open.remove(ended.id(), ended));
    open.put(manifest.image(), partial);
    return partial;
  }

  /**
   * Ends a partial whose manifest is not believed any more and leaves its file to the new one, with
   * the chunks that both name alike. The manifest is written first: until the new row is there the
   * old one is of another manifest, and counts for nothing.
   */
  private void replace(FilePartialImage old, Manifest manifest) throws IOException {
    old.end(
        "replaced by one with another manifest",
        () -> {
          old.flush();
          BitSet same = sameChunks(old, manifest);
          lock.lock();
          try {
            cut(disk.directory().partial(old.id()), manifest.geometry().sizeBytes());
            Path file = disk.directory().partialManifest(old.id());
            DataDirectory.writeDurably(file, manifest.bytes());
            disk.index().putProgress(new ProgressRow(old.id(), manifest.id(), same, new BitSet()));
          } finally {
            lock.unlock();
          }
        });
  }

  /**
   * What lies beyond the end that the new manifest claims goes first, durably: a complete image is
   * as long as its manifest says.
   */
  private static void cut(Path file, long sizeBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (channel.size() > sizeBytes) {
        channel.truncate(sizeBytes);
        channel.force(true);
      }
    }
  }

  /**
   * Chunks begin at the same places whatever the size of the image: only the last one may differ in
   * its length.
   */
  private static BitSet sameChunks(FilePartialImage old, Manifest manifest) {
    BitSet chunks = old.chunks();
    Geometry was = old.manifest().geometry();
    Geometry is = manifest.geometry();
    for (int chunk = chunks.nextSetBit(0); chunk >= 0; chunk = chunks.nextSetBit(chunk + 1)) {
      if (chunk >= is.chunkCount()
          || was.chunkLength(chunk) != is.chunkLength(chunk)
          || !hash(old.manifest(), chunk).equals(hash(manifest, chunk))) {
        chunks.clear(chunk);
      }
    }
    return chunks;
  }

  /** Where the SHA-256 of a chunk stands: manifest v1, "Bytes". */
  private static ByteBuffer hash(Manifest manifest, int chunk) {
    Geometry geometry = manifest.geometry();
    int first = 18 + geometry.algorithm().digestBytes();
    return manifest.bytes().slice(first + CHUNK_HASH_BYTES * chunk, CHUNK_HASH_BYTES);
  }
}
