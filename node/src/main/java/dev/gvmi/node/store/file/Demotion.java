package dev.gvmi.node.store.file;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.Optional;

/**
 * The way back of a damaged image: it becomes the partial of its good chunks.
 *
 * <p>Order: manifest in {@code partial/}, progress of the good chunks, image row gone, file moved
 * to {@code partial/}, rest of the image deleted. A crash before the row is gone leaves the image
 * as it was; after it, a file among the images without a row but with a progress that is not whole
 * is a demotion under way, and start-up finishes it.
 *
 * <p>A file that has further hard links is not written any more, as others may be using it: the
 * good chunks are copied.
 *
 * <p><b>Thread:</b> the store's, under the lock of its names.
 */
final class Demotion {
  private final Disk disk;

  Demotion(Disk disk) {
    this.disk = disk;
  }

  /** From here on the image is none any more, whatever happens. */
  void begin(Manifest manifest, BitSet goodChunks) throws IOException {
    ImageId id = manifest.image();
    // One that nobody could open: it has no manifest.
    Files.deleteIfExists(disk.directory().partial(id));
    DataDirectory.writeDurably(disk.directory().partialManifest(id), manifest.bytes());
    disk.index()
        .putProgress(new ProgressRow(id, manifest.id(), goodChunks, whole(manifest, goodChunks)));
    disk.index().removeImage(id);
  }

  /** Segments all of whose chunks are good: the same reading has proven them. */
  private static BitSet whole(Manifest manifest, BitSet goodChunks) {
    Geometry geometry = manifest.geometry();
    BitSet segments = new BitSet();
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      int missing = goodChunks.nextClearBit(geometry.firstChunkOf(segment));
      segments.set(segment, missing > geometry.lastChunkOf(segment));
    }
    return segments;
  }

  /** Whether an image file without a row is there because of a demotion that was cut short. */
  boolean isUnderWay(ImageId id) throws IOException {
    return !Files.exists(disk.directory().partial(id)) && progress(id).isPresent();
  }

  /**
   * The good chunks if they are of the manifest in {@code partial/}, and not all: a fetch that was
   * being completed has all.
   */
  private Optional<ProgressRow> progress(ImageId id) throws IOException {
    Optional<Manifest> manifest = manifest(id);
    return manifest.isEmpty()
        ? Optional.empty()
        : disk.index()
            .progress(id)
            .filter(row -> row.manifest().equals(manifest.get().id()))
            .filter(row -> row.chunks().cardinality() < manifest.get().geometry().chunkCount());
  }

  private Optional<Manifest> manifest(ImageId id) throws IOException {
    return DataDirectory.readManifest(disk.directory().partialManifest(id), id);
  }

  /** After {@link #begin}, in this process or in one that was killed. */
  void finish(ImageId id) throws IOException {
    Path image = disk.directory().image(id);
    Path partial = disk.directory().partial(id);
    disk.files().forget(image);
    if (!Files.isRegularFile(image, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(partial);
    } else if (FileStamp.of(image).links() == 1) {
      move(image, partial, sizeBytes(id));
    } else {
      copy(id, image, partial);
    }
    DataDirectory.syncFolder(disk.directory().partials());
    disk.directory().deleteImage(id);
    disk.files().forget(image);
  }

  private long sizeBytes(ImageId id) throws IOException {
    return manifest(id)
        .orElseThrow(() -> new IOException("no manifest of " + id))
        .geometry()
        .sizeBytes();
  }

  private static void move(Path image, Path partial, long sizeBytes) throws IOException {
    if (image.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
    }
    if (Files.size(image) > sizeBytes) {
      try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
        channel.truncate(sizeBytes);
        channel.force(true);
      }
    }
    Files.move(image, partial, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Through a file in {@code import/}, which start-up empties: the partial appears whole or not at
   * all.
   */
  private void copy(ImageId id, Path image, Path partial) throws IOException {
    Geometry geometry =
        manifest(id).orElseThrow(() -> new IOException("no manifest of " + id)).geometry();
    BitSet good = progress(id).map(ProgressRow::chunks).orElseGet(BitSet::new);
    Path copy = Files.createTempFile(disk.directory().imports(), "good-", ".tmp");
    try {
      try (FileChannel from = FileChannel.open(image, StandardOpenOption.READ);
          FileChannel to = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        for (int first = good.nextSetBit(0); first >= 0; ) {
          int end = good.nextClearBit(first);
          long stop = Math.min(geometry.sizeBytes(), geometry.chunkOffset(end));
          transfer(from, to, geometry.chunkOffset(first), stop);
          first = good.nextSetBit(end);
        }
        to.force(true);
      }
      Files.move(copy, partial, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private static void transfer(FileChannel from, FileChannel to, long start, long end)
      throws IOException {
    to.position(start);
    for (long at = start; at < end; ) {
      long moved = from.transferTo(at, end - at, to);
      if (moved <= 0) {
        throw new IOException("the file ends at byte " + at);
      }
      at += moved;
    }
  }
}
