package dev.gvmi.node.registry;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.cache.Space;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image of which chunks come. In a folder of its own, named by the descriptor:
 *
 * <pre>
 *   image       as long as it will be
 *   chunks      a byte for each chunk: 1 once its bytes are on the disk, and right
 *   descriptor  written last: without it the folder is nothing
 * </pre>
 *
 * <p><b>Thread:</b> any.
 */
final class Upload {
  private static final String IMAGE = "image";
  private static final String CHUNKS = "chunks";
  private static final String DESCRIPTOR = "descriptor";
  private static final byte HERE = 1;

  private final Path folder;
  private final Descriptor descriptor;

  @GuardedBy("this")
  private final BitSet present;

  @GuardedBy("this")
  private final BitSet writing = new BitSet();

  @GuardedBy("this")
  private Instant touched;

  /** Null until somebody goes on with an upload of an earlier run. */
  @GuardedBy("this")
  private Space.@Nullable Reservation room;

  @GuardedBy("this")
  private boolean closed;

  private Upload(Path folder, Descriptor descriptor, BitSet present, Instant touched) {
    this.folder = folder;
    this.descriptor = descriptor;
    this.present = present;
    this.touched = touched;
  }

  /** Begins one. */
  static Upload create(Path folder, byte[] bytes, Descriptor descriptor, Instant now)
      throws IOException {
    delete(folder);
    Files.createDirectories(folder);
    try (FileChannel image =
            FileChannel.open(
                folder.resolve(IMAGE),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE);
        FileChannel chunks =
            FileChannel.open(
                folder.resolve(CHUNKS), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Durable.writeAll(image, ByteBuffer.allocate(1), descriptor.sizeBytes() - 1);
      image.force(true);
      Durable.writeAll(chunks, ByteBuffer.allocate(descriptor.chunkCount()), 0);
      chunks.force(true);
    }
    Durable.write(folder.resolve(DESCRIPTOR), bytes);
    Durable.syncFolder(folder.resolveSibling(""));
    return new Upload(folder, descriptor, new BitSet(), now);
  }

  /** Goes on with one of an earlier run; empty if the folder is nothing to go on with. */
  static Optional<Upload> resume(Path folder, DescriptorId id, RegistryLimits limits)
      throws IOException {
    Path file = folder.resolve(DESCRIPTOR);
    if (!Files.isRegularFile(file) || Files.size(file) > Descriptor.maxBytes(limits)) {
      return Optional.empty();
    }
    try {
      Descriptor descriptor = Descriptor.parse(Files.readAllBytes(file), limits);
      Path image = folder.resolve(IMAGE);
      Path chunks = folder.resolve(CHUNKS);
      boolean isWhole =
          descriptor.id().equals(id)
              && Files.isRegularFile(image)
              && Files.size(image) == descriptor.sizeBytes()
              && Files.isRegularFile(chunks)
              && Files.size(chunks) == descriptor.chunkCount();
      return isWhole
          ? Optional.of(
              new Upload(
                  folder,
                  descriptor,
                  bits(Files.readAllBytes(chunks)),
                  Files.getLastModifiedTime(chunks).toInstant()))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static BitSet bits(byte[] bytes) {
    BitSet bits = new BitSet();
    for (int i = 0; i < bytes.length; i++) {
      bits.set(i, bytes[i] == HERE);
    }
    return bits;
  }

  /** Deletes what is known of the folder, and then the folder if nothing else is in it. */
  static void delete(Path folder) throws IOException {
    for (String name : List.of(DESCRIPTOR, DESCRIPTOR + ".tmp", CHUNKS, IMAGE)) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(folder);
  }

  Descriptor descriptor() {
    return descriptor;
  }

  Path file() {
    return folder.resolve(IMAGE);
  }

  synchronized BitSet present() {
    return (BitSet) present.clone();
  }

  synchronized boolean isFull() {
    return present.cardinality() == descriptor.chunkCount();
  }

  /** What is here, and what is coming, of the image. */
  synchronized long bytes() {
    BitSet some = (BitSet) present.clone();
    some.or(writing);
    return some.stream().mapToLong(descriptor::chunkLength).sum();
  }

  synchronized boolean hasRoom() {
    return room != null;
  }

  synchronized boolean isRevoked() {
    return room != null && room.isRevoked();
  }

  /** The room is given back when the upload ends. */
  synchronized void settle(Space.Reservation granted) {
    if (room != null || closed) {
      granted.close();
    } else {
      room = granted;
    }
  }

  synchronized boolean isIdleSince(Instant then) {
    return writing.isEmpty() && touched.isBefore(then);
  }

  /**
   * A place for the bytes of a chunk; empty if it is here.
   *
   * @throws RefusedException if it is just coming from another
   */
  @MustBeClosed
  @SuppressWarnings("MustBeClosedChecker") // handed on in an Optional
  Optional<ChunkWriter> write(int chunk, Instant now) throws IOException {
    synchronized (this) {
      touched = now;
      if (present.get(chunk)) {
        return Optional.empty();
      }
      if (closed) {
        throw new RefusedException(404, "this upload has just ended");
      }
      if (writing.get(chunk)) {
        throw new RefusedException(409, "chunk " + chunk + " is just being pushed by another");
      }
      writing.set(chunk);
    }
    return Optional.of(new ChunkWriter(this, chunk));
  }

  /** Its bytes are on the disk, and right. */
  synchronized void here(int chunk, Instant now) throws IOException {
    if (closed) {
      throw new RefusedException(404, "this upload has just ended");
    }
    try (FileChannel chunks = FileChannel.open(folder.resolve(CHUNKS), StandardOpenOption.WRITE)) {
      Durable.writeAll(chunks, ByteBuffer.wrap(new byte[] {HERE}), chunk);
      chunks.force(true);
    }
    present.set(chunk);
    touched = now;
  }

  synchronized void ended(int chunk) {
    writing.clear(chunk);
  }

  /** Ends it, and takes its folder away. */
  synchronized void end() throws IOException {
    closed = true;
    if (room != null) {
      room.close();
    }
    delete(folder);
  }
}
