package dev.gvmi.node.runtime.hook;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that are there whole and on the disk, or as they were. */
final class DurableFile {
  private DurableFile() {}

  /** Writes under another name, syncs, renames, syncs the folder. */
  static void write(Path file, byte[] bytes, String permissions) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".gvmi-p2p-new");
    try {
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          out.write(left);
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(permissions));
        }
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    syncFolder(file);
  }

  /** Deletes it, if it is there. */
  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncFolder(file);
    }
  }

  /** As {@link #write} takes them. */
  static String permissions(Path file) throws IOException {
    Set<PosixFilePermission> all =
        file.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? Files.getPosixFilePermissions(file)
            : Set.of();
    return PosixFilePermissions.toString(all);
  }

  private static void syncFolder(Path file) throws IOException {
    try (FileChannel folder = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
