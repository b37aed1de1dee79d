package dev.gvmi.node.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What tests do to the files of a store behind its back. */
public final class TestFiles {
  private TestFiles() {}

  public static Path image(Path dataDir, TestImage image) {
    return imageFolder(dataDir, image).resolve(image.id().hex() + ".gvmi");
  }

  public static Path imageManifest(Path dataDir, TestImage image) {
    return imageFolder(dataDir, image).resolve(image.id().hex() + ".manifest");
  }

  public static Path partial(Path dataDir, TestImage image) {
    return dataDir.resolve("partial").resolve(image.id().hex() + ".part");
  }

  public static Path partialManifest(Path dataDir, TestImage image) {
    return dataDir.resolve("partial").resolve(image.id().hex() + ".manifest");
  }

  /** Puts a file where the store keeps complete images, as a backup that is restored would. */
  public static Path putImage(Path dataDir, TestImage image, byte[] bytes) throws IOException {
    Path file = image(dataDir, image);
    Files.createDirectories(imageFolder(dataDir, image));
    return Files.write(file, bytes);
  }

  /**
   * Changes one byte in place; the mode stays. Returns when the ctime is another: its clock may
   * tick every few milliseconds only.
   */
  public static void flipByte(Path file, long offset) throws IOException {
    var mode = Files.getPosixFilePermissions(file);
    Object changed = Files.getAttribute(file, "unix:ctime");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1));
      channel.write(one.flip(), offset);
    }
    do {
      Files.setPosixFilePermissions(file, mode);
    } while (Files.getAttribute(file, "unix:ctime").equals(changed));
  }

  public static void truncate(Path file, long sizeBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(sizeBytes);
    }
  }

  public static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  public static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Copies a data directory that is open: what is found after the process was killed now. The locks
   * are left out, since closing any descriptor of a locked file gives the lock up.
   */
  public static Path crashed(Path dataDir, Path to) {
    try (Stream<Path> files = Files.walk(dataDir)) {
      for (Path file : files.toList()) {
        if (!file.endsWith("lock") && !file.endsWith("LOCK")) {
          Files.copy(file, to.resolve(dataDir.relativize(file).toString()));
        }
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static BitSet bits(int... bits) {
    BitSet set = new BitSet();
    for (int bit : bits) {
      set.set(bit);
    }
    return set;
  }

  private static Path imageFolder(Path dataDir, TestImage image) {
    return dataDir.resolve("images").resolve(image.id().hex().substring(0, 2));
  }
}
