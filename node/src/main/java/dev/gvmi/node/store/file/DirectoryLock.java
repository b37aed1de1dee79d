package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a data directory for one store of one process. The lock ends with the process, however that
 * ends.
 *
 * <p>A file lock is the process's own: a second one in the same process is not refused everywhere,
 * and closing any channel of the file gives the lock up. So directories that this process holds are
 * kept in a set and looked up first.
 */
final class DirectoryLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);
  private static final int MAX_PID_DIGITS = 20;
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** {@link StoreException} of kind IN_USE if anybody else holds it. */
  static DirectoryLock take(Path directory) throws IOException {
    Path real = directory.toRealPath();
    if (!HELD.add(real)) {
      throw inUse(directory, String.valueOf(ProcessHandle.current().pid()));
    }
    @Nullable FileChannel channel = null;
    boolean taken = false;
    try {
      channel =
          FileChannel.open(
              real.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      lock(directory, channel);
      taken = true;
      return new DirectoryLock(real, channel);
    } finally {
      if (!taken) {
        closeQuietly(channel);
        HELD.remove(real);
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
    HELD.remove(directory);
  }

  private static void lock(Path directory, FileChannel channel) throws IOException {
    try {
      if (channel.tryLock() == null) {
        throw inUse(directory, pid(channel));
      }
    } catch (OverlappingFileLockException e) {
      throw inUse(directory, pid(channel));
    }
    writePid(channel);
  }

  /**
   * For others to read; a full disk is no reason not to start, space may be what the user is here
   * to free.
   */
  private static void writePid(FileChannel channel) {
    byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
    } catch (IOException e) {
      LOG.debug("cannot write the pid into the lock file", e);
    }
  }

  private static String pid(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_PID_DIGITS);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? pid : "unknown";
  }

  private static StoreException inUse(Path directory, String pid) {
    return new StoreException(
        StoreException.Kind.IN_USE,
        "data directory " + directory + " is in use by another gvmi-p2p (pid " + pid + ")");
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written that matters, and the lock is gone with the descriptor.
      }
    }
  }
}
