package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageRefException;
import dev.gvmi.protocol.manifest.InvalidManifestException;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layout of the data directory, and the few durable steps that need no index.
 *
 * <pre>
 *   lock                                   one process per data directory
 *   index/                                 the index
 *   images/hh/HASH.gvmi  .manifest .delta  complete, mode 0444; hh = the first two digits
 *   partial/HASH.part    .manifest         being fetched
 *   import/                                being imported; emptied at start
 * </pre>
 *
 * <b>Thread:</b> the store's.
 */
final class DataDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
  private static final String IMAGE = ".gvmi";
  private static final String MANIFEST = ".manifest";
  private static final String DELTA = ".delta";
  private static final String PART = ".part";
  private static final String TEMPORARY = ".tmp";

  private final Path root;
  private final DirectoryLock lock;

  private DataDirectory(Path root, DirectoryLock lock) {
    this.root = root;
    this.lock = lock;
  }

  /** Makes the directory where it is missing, and locks it. */
  static DataDirectory open(Path root) {
    try {
      Path absolute = root.toAbsolutePath().normalize();
      Files.createDirectories(absolute);
      DirectoryLock lock = DirectoryLock.take(absolute);
      DataDirectory directory = new DataDirectory(absolute, lock);
      try {
        directory.createFolders();
        return directory;
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      StoreException fault = StoreException.of("open data directory " + root, e);
      throw fault.kind() == StoreException.Kind.NO_SPACE
          ? fault
          : new StoreException(
              StoreException.Kind.UNUSABLE,
              fault.getMessage() + "; it must be a folder this user can write to",
              e);
    }
  }

  Path index() {
    return root.resolve("index");
  }

  Path images() {
    return root.resolve("images");
  }

  Path partials() {
    return root.resolve("partial");
  }

  Path imports() {
    return root.resolve("import");
  }

  Path image(ImageId id) {
    return imageFolder(id).resolve(id.hex() + IMAGE);
  }

  Path imageManifest(ImageId id) {
    return imageFolder(id).resolve(id.hex() + MANIFEST);
  }

  Path imageDelta(ImageId id) {
    return imageFolder(id).resolve(id.hex() + DELTA);
  }

  Path partial(ImageId id) {
    return partials().resolve(id.hex() + PART);
  }

  Path partialManifest(ImageId id) {
    return partials().resolve(id.hex() + MANIFEST);
  }

  /** The id a file in {@code images/hh/} is named by; empty if it is no image file of ours. */
  Optional<ImageId> imageOf(Path file) {
    return named(file, IMAGE).filter(id -> image(id).equals(file));
  }

  Optional<ImageId> partialOf(Path file) {
    return named(file, PART);
  }

  Optional<ImageId> manifestOf(Path file) {
    return named(file, MANIFEST);
  }

  Optional<ImageId> deltaOf(Path file) {
    return named(file, DELTA);
  }

  /** A file that was being written when the process ended. */
  static boolean isTemporary(Path file) {
    String name = file.toString();
    return name.endsWith(MANIFEST + TEMPORARY) || name.endsWith(DELTA + TEMPORARY);
  }

  static List<Path> list(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  /**
   * Deletes a file if it is there. A folder of that name is somebody else's: it stays, and is
   * reported.
   */
  static void delete(Path file) throws IOException {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      LOG.warn("{} is a folder where a file should be: left alone; move it away", file);
    } else {
      Files.deleteIfExists(file);
    }
  }

  /** The manifest in a file: empty if there is none, or it is none of that image. */
  static Optional<Manifest> readManifest(Path file, ImageId id) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) > Manifest.MAX_BYTES) {
      return Optional.empty();
    }
    try {
      Manifest manifest = Manifest.parse(ByteBuffer.wrap(Files.readAllBytes(file)));
      return Optional.of(manifest).filter(m -> m.image().equals(id));
    } catch (InvalidManifestException e) {
      return Optional.empty();
    }
  }

  /** Writes a file whole or not at all, durably: the name never shows half of it. */
  static void writeDurably(Path file, ByteBuffer bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    try (FileChannel out =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(folderOf(file));
  }

  /** Makes new, renamed and deleted names of a folder durable. */
  static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes the folder of an image, durably. */
  void createImageFolder(ImageId id) throws IOException {
    Path folder = imageFolder(id);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      syncFolder(images());
    }
  }

  /** Moves a file to its place among the complete images, read-only, and syncs both folders. */
  void install(Path from, ImageId id) throws IOException {
    Path to = image(id);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    makeReadOnly(to);
    syncFolder(folderOf(to));
    syncFolder(folderOf(from));
  }

  static void makeReadOnly(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(
          file,
          Set.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.GROUP_READ,
              PosixFilePermission.OTHERS_READ));
    }
  }

  /** Deletes all files of a complete image; nothing if there are none. */
  void deleteImage(ImageId id) throws IOException {
    Path folder = imageFolder(id);
    if (Files.isDirectory(folder)) {
      delete(image(id));
      delete(imageManifest(id));
      delete(imageDelta(id));
      syncFolder(folder);
    }
  }

  /** Deletes all files of a partial image; nothing if there are none. */
  void deletePartial(ImageId id) throws IOException {
    delete(partial(id));
    delete(partialManifest(id));
    syncFolder(partials());
  }

  @Override
  public void close() {
    lock.close();
  }

  private void createFolders() throws IOException {
    for (Path folder : List.of(index(), images(), partials(), imports())) {
      Files.createDirectories(folder);
    }
    for (Path leftover : list(imports())) {
      delete(leftover);
    }
    syncFolder(root);
  }

  private Path imageFolder(ImageId id) {
    return images().resolve(id.hex().substring(0, 2));
  }

  private static Optional<ImageId> named(Path file, String suffix) {
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(suffix)) {
      return Optional.empty();
    }
    String hex = name.substring(0, name.length() - suffix.length());
    try {
      return Optional.of(ImageId.parseHex(hex)).filter(id -> id.hex().equals(hex));
    } catch (InvalidImageRefException e) {
      return Optional.empty();
    }
  }

  private static Path folderOf(Path file) {
    return file.resolveSibling("");
  }
}
