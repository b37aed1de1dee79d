package dev.gvmi.node.store.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native library, loaded once per process. It is unpacked into a temporary folder that is
 * deleted as soon as it is loaded: left to itself RocksDB deletes it at the end of the process, and
 * each one that is killed leaves megabytes behind.
 *
 * <p><b>Thread:</b> any.
 */
final class RocksLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(RocksLibrary.class);

  @GuardedBy("RocksLibrary.class")
  private static boolean loaded;

  private RocksLibrary() {}

  /**
   * {@link StoreException} where the temporary folder is full, cannot be written, or forbids to run
   * what is in it.
   */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    String tried = "unpack the library of the index into " + System.getProperty("java.io.tmpdir");
    try {
      Path folder = Files.createTempDirectory("gvmi-p2p-");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        RocksDB.loadLibrary();
      } finally {
        delete(folder);
      }
      loaded = true;
    } catch (IOException e) {
      StoreException fault = StoreException.of(tried, e);
      throw fault.kind() == StoreException.Kind.NO_SPACE
          ? fault
          : unusable(String.valueOf(fault.getMessage()), e);
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      throw unusable(tried + ": " + e.getMessage(), e);
    }
  }

  private static StoreException unusable(String message, Throwable cause) {
    return new StoreException(
        StoreException.Kind.UNUSABLE,
        message + "; name another folder with JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIR",
        cause);
  }

  /**
   * A library that is loaded needs its file no more; a system that thinks otherwise keeps it until
   * the end of the process.
   */
  private static void delete(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      LOG.debug("cannot delete {}", folder, e);
    }
  }
}
