package dev.gvmi.node.runtime;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.runtime.PlaceResult.AlreadyThere;
import dev.gvmi.node.runtime.PlaceResult.Method;
import dev.gvmi.node.runtime.PlaceResult.Placed;
import dev.gvmi.node.runtime.PlaceResult.Refused;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One image on its way into the runtime's cache.
 *
 * <p>A reflink or copy is made under a temporary name in the same folder, synced, and given its
 * name by link(2): rename(2) would overwrite a file the exe-unit has just finished, link(2) says
 * EEXIST. A hard link gets the name straight.
 *
 * <p><b>Thread:</b> runs on one; {@link #cancel} any.
 */
final class Placement implements Callable<PlaceResult> {
  private static final Logger LOG = LoggerFactory.getLogger(Placement.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final StoredImage image;
  private final Path directory;
  private final Path target;
  private final Space space;
  private final long sizeBytes;
  private volatile boolean cancelled;

  Placement(StoredImage image, Path directory, Path target, Space space) {
    this.image = image;
    this.directory = directory;
    this.target = target;
    this.space = space;
    this.sizeBytes = image.manifest().geometry().sizeBytes();
  }

  Path target() {
    return target;
  }

  /** Ends a copy or comparison soon. */
  void cancel() {
    cancelled = true;
  }

  /** {@link StoreException} if the image itself cannot be read. */
  @Override
  public PlaceResult call() {
    try {
      image.check();
      TemporaryFile.deleteLeftBehind(directory);
      return exists() ? compare() : place();
    } catch (IOException e) {
      return new Refused(target, reason(e));
    }
  }

  private PlaceResult place() throws IOException {
    try {
      return new Placed(target, placeByBest());
    } catch (FileAlreadyExistsException e) {
      return compare(); // Somebody was faster.
    }
  }

  private Method placeByBest() throws IOException {
    Method method = reflink() ? Method.REFLINK : hardLink() ? Method.HARD_LINK : Method.COPY;
    if (method == Method.COPY) {
      copy();
    }
    syncDirectory();
    return method;
  }

  private boolean reflink() throws IOException {
    try (TemporaryFile temporary = TemporaryFile.create(directory)) {
      if (!Reflink.clone(image.file(), temporary.path())) {
        return false;
      }
      temporary.sync();
      finish(temporary.path());
      return true;
    }
  }

  /** False where there are no links, between file systems, or where the system forbids it. */
  private boolean hardLink() throws IOException {
    try {
      Files.createLink(target, image.file());
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      LOG.debug("no hard link {} to {}", target, image.file(), e);
      return false;
    }
    try {
      image.linked();
    } catch (StoreException e) {
      Files.delete(target);
      throw e;
    }
    return true;
  }

  private void copy() throws IOException {
    switch (space.forFile(sizeBytes)) {
      case Space.Answer.Refused refused -> throw new NoRoomException(refused.why());
      case Space.Answer.Granted granted -> {
        Space.Reservation room = granted.reservation();
        try (room) {
          copyNow();
        }
      }
    }
  }

  /** There is no room for a copy. */
  private static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    NoRoomException(String why) {
      super(why);
    }
  }

  private void copyNow() throws IOException {
    try (TemporaryFile temporary = TemporaryFile.create(directory)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      for (long offset = 0; offset < sizeBytes; offset += buffer.limit()) {
        readImage(offset, buffer);
        temporary.write(buffer.flip());
      }
      temporary.sync();
      finish(temporary.path());
    }
  }

  /** Fills the buffer from its start with what the image has from there on. */
  private void readImage(long offset, ByteBuffer buffer) throws IOException {
    if (cancelled) {
      throw new InterruptedIOException("interrupted");
    }
    buffer.clear().limit((int) Math.min(buffer.capacity(), sizeBytes - offset));
    image.read(offset, buffer);
  }

  /** The temporary file is whole and synced: it gets its name. */
  private void finish(Path temporary) throws IOException {
    if (Files.getFileStore(temporary).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
    }
    try {
      Files.createLink(target, temporary);
    } catch (UnsupportedOperationException e) {
      throw new IOException(
          "the file system has no hard links, which are needed to place a file", e);
    }
  }

  private boolean exists() {
    return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
  }

  /** What is there under the name: the image, or something else. */
  private PlaceResult compare() throws IOException {
    if (!Files.isRegularFile(target)) {
      return new Refused(target, "something that is no file has that name; remove it");
    }
    if (Files.isSameFile(target, image.file())) {
      image.linked();
      return new AlreadyThere(target);
    }
    long there = Files.size(target);
    if (there != sizeBytes) {
      return new Refused(
          target,
          "a file of %d bytes is there, the image has %d: the runtime would use the wrong one; repair or remove it"
              .formatted(there, sizeBytes));
    }
    if (!sameBytes()) {
      return new Refused(
          target,
          "a file of the same size and other content is there: the runtime would use the wrong one; repair or remove it");
    }
    touch();
    return new AlreadyThere(target);
  }

  private boolean sameBytes() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    byte[] there = new byte[BUFFER_BYTES];
    try (InputStream in = new FileInputStream(target.toFile())) {
      for (long offset = 0; offset < sizeBytes; offset += buffer.limit()) {
        readImage(offset, buffer);
        int n = in.readNBytes(there, 0, buffer.limit());
        if (!Arrays.equals(there, 0, n, buffer.array(), 0, buffer.limit())) {
          return false;
        }
      }
    }
    return true;
  }

  private void touch() {
    try {
      Files.setLastModifiedTime(target, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("cannot touch {}", target, e); // It is there and right: it only ages.
    }
  }

  /**
   * Makes the name durable. Where that fails the file is there all the same, whole and synced: at
   * worst a power loss takes the name away, and the runtime downloads.
   */
  private void syncDirectory() {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.warn(
          "{} is placed, but a power loss may take it away: cannot sync {}: {}",
          target,
          directory,
          e.toString());
    }
  }

  private String reason(IOException e) {
    if (e instanceof InterruptedIOException) {
      return "placing was interrupted";
    }
    if (e instanceof NoRoomException) {
      return "a copy of it has " + sizeBytes + " bytes, but " + e.getMessage();
    }
    if (StoreException.isNoSpace(e)) {
      return "no space for " + sizeBytes + " bytes in " + directory + "; free some space";
    }
    if (e instanceof AccessDeniedException
        || String.valueOf(e.getMessage()).contains("Read-only file system")) {
      return "this user cannot write in " + directory + "; run gvmi-p2p as the provider's user";
    }
    return "cannot write in " + directory + ": " + e.getMessage();
  }
}
