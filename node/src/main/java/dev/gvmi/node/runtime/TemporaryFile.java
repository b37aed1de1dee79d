package dev.gvmi.node.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in the making in the runtime's cache, under a name that is no image's. It is locked, and a
 * lock ends with its process: so what a killed one left is told from what another is writing, and
 * images of gigabytes do not pile up.
 *
 * <p><b>Thread:</b> one, which is never interrupted: that would close the file.
 */
final class TemporaryFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFile.class);
  private static final String PREFIX = ".gvmi-p2p-";
  private static final String SUFFIX = ".tmp";

  /** No name of an image: that has its hash in it. */
  private static final Pattern NAME =
      Pattern.compile("\\.gvmi-p2p-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

  /** A file that is just made, or just cloned, is not locked for a moment. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  /** Where the file system has no locks. */
  private static final Duration LEFT_BEHIND = Duration.ofHours(1);

  /** Of this process: to open and close one of them would give up its lock. */
  private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private TemporaryFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** A new, empty file. */
  static TemporaryFile create(Path directory) throws IOException {
    String name = PREFIX + UUID.randomUUID() + SUFFIX;
    OWN.add(name);
    boolean created = false;
    try {
      Path path = directory.resolve(name);
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock(channel);
      created = true;
      return new TemporaryFile(path, channel);
    } finally {
      if (!created) {
        OWN.remove(name);
      }
    }
  }

  Path path() {
    return path;
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** fsync(2). */
  void sync() throws IOException {
    channel.force(true);
  }

  /** Deletes it. */
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(path);
    } finally {
      OWN.remove(String.valueOf(path.getFileName()));
    }
  }

  /** Deletes what processes that were killed left in a folder. */
  static void deleteLeftBehind(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (NAME.matcher(name).matches() && !OWN.contains(name) && isLeftBehind(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("cannot clean {}", directory, e); // Unwritable: said when the file is placed.
    }
  }

  private static boolean isLeftBehind(Path file) throws IOException {
    FileTime modified = Files.getLastModifiedTime(file);
    return isOlder(modified, LEFT_BEHIND) || (isOlder(modified, SETTLED) && isUnlocked(file));
  }

  private static boolean isOlder(FileTime modified, Duration age) {
    return modified.compareTo(FileTime.from(Instant.now().minus(age))) < 0;
  }

  private static boolean isUnlocked(Path file) {
    try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return other.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  private static void lock(FileChannel channel) {
    try {
      if (channel.tryLock() == null) {
        LOG.debug("a temporary file is locked by another process");
      }
    } catch (IOException e) {
      LOG.debug("no file locks", e); // Its age tells then.
    }
  }
}
