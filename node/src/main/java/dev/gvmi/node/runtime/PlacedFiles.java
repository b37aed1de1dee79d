package dev.gvmi.node.runtime;

import dev.gvmi.node.runtime.PlaceResult.Method;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.InvalidImageRefException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What this node has placed in runtime caches, so that it takes away what is its own and nothing
 * else.
 *
 * <p>A hard link is known by its inode. A reflink or copy is noted under {@code placed/<hash>.json}
 * in the data directory, with what tells it from a file that somebody else put there later under
 * the same name. The note is written after the file is placed: a crash between the two leaves a
 * file that is nobody's, and stays.
 *
 * <p><b>Thread:</b> any; calls block for the disk.
 */
public final class PlacedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PlacedFiles.class);
  private static final String NOTE = ".json";
  private static final int MAX_NOTE_BYTES = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path notes;
  private final RuntimeUse use;

  /** Those of a data directory. */
  public PlacedFiles(Path dataDir) {
    this(dataDir, new RuntimeUse());
  }

  PlacedFiles(Path dataDir, RuntimeUse use) {
    this.notes = dataDir.resolve("placed");
    this.use = use;
  }

  /**
   * A file of ours.
   *
   * @param sharesBytes whether it is the store's file, or shares blocks with it: removing it frees
   *     nothing, and damage there may be damage here
   */
  public record PlacedFile(Path file, long sizeBytes, boolean sharesBytes) {}

  /** As it is noted: inode and time of birth tell a file from its successor of the same name. */
  record Note(String path, Method method, long inode, long bornNanos) {}

  /** Notes a file that was just placed. A fault is logged: the file is then nobody's. */
  public synchronized void placed(ImageId image, PlaceResult.Placed placed) {
    try {
      List<Note> all = new ArrayList<>(read(image));
      String path = placed.file().toAbsolutePath().toString();
      all.removeIf(note -> note.path().equals(path));
      all.add(note(placed.file().toAbsolutePath(), placed.method()));
      write(image, all);
    } catch (IOException e) {
      LOG.warn(
          "cannot note that {} was placed; remove will leave it: {}", placed.file(), e.toString());
    }
  }

  /**
   * Files that are there now and are ours.
   *
   * @param stored the image's file in the store
   * @param cache a cache that may have hard links of it, or null
   */
  public synchronized List<PlacedFile> of(ImageId image, Path stored, @Nullable Path cache)
      throws IOException {
    Map<Path, PlacedFile> found = new TreeMap<>();
    for (Note note : read(image)) {
      Path file = Path.of(note.path());
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && isThat(note, file)) {
        found.put(file, new PlacedFile(file, Files.size(file), note.method() != Method.COPY));
      }
    }
    if (cache != null && Files.isDirectory(cache) && Files.exists(stored)) {
      for (Path file : linksOf(image, stored, cache.toAbsolutePath())) {
        found.put(file, new PlacedFile(file, Files.size(file), true));
      }
    }
    return List.copyOf(found.values());
  }

  /**
   * Why the image counts as used by the runtime, in a few words; empty if it is known that nobody
   * uses it.
   *
   * @param stored the image's file in the store, which this process does not have open
   * @param cache a cache that may have hard links of it, or null
   */
  public Optional<String> use(ImageId image, Path stored, @Nullable Path cache) throws IOException {
    for (PlacedFile file : of(image, stored, cache)) {
      Optional<String> used = use.of(file.file());
      if (used.isPresent()) {
        return used;
      }
    }
    return Files.exists(stored) ? use.of(stored) : Optional.empty();
  }

  /**
   * Bytes of the copies that are in runtime caches now, by image: hard links and reflinks take
   * none.
   */
  public synchronized Map<ImageId, Long> copyBytes() throws IOException {
    Map<ImageId, Long> bytes = new HashMap<>();
    if (!Files.isDirectory(notes)) {
      return bytes;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(notes, "*" + NOTE)) {
      for (Path file : all) {
        String name = String.valueOf(file.getFileName());
        Optional<ImageId> image = imageOf(name.substring(0, name.length() - NOTE.length()));
        if (image.isPresent()) {
          bytes.put(image.get(), copyBytes(image.get()));
        }
      }
    }
    bytes.values().removeIf(size -> size == 0);
    return bytes;
  }

  private long copyBytes(ImageId image) throws IOException {
    long bytes = 0;
    for (Note note : read(image)) {
      Path file = Path.of(note.path());
      boolean there =
          note.method() == Method.COPY && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
      bytes += there && isThat(note, file) ? Files.size(file) : 0;
    }
    return bytes;
  }

  private static Optional<ImageId> imageOf(String hex) {
    try {
      return Optional.of(ImageId.parseHex(hex));
    } catch (InvalidImageRefException e) {
      return Optional.empty();
    }
  }

  private static List<Path> linksOf(ImageId image, Path stored, Path cache) throws IOException {
    List<Path> links = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(cache, "*_" + image.hex() + "*")) {
      for (Path file : files) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && Files.isSameFile(file, stored)) {
          links.add(file);
        }
      }
    }
    return links;
  }

  /**
   * Takes a file away unless a task may be using it. @return why it was left, in a few words; empty
   * if it is gone
   */
  public Optional<String> remove(PlacedFile placed) {
    Path file = placed.file();
    Optional<String> used = use.of(file);
    if (used.isPresent()) {
      return used;
    }
    try {
      Files.deleteIfExists(file);
      try (FileChannel folder =
          FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
        folder.force(true);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("it cannot be removed: " + e);
    }
  }

  /** Forgets what is noted of files that are not there any more. */
  public synchronized void forgetMissing(ImageId image) {
    try {
      List<Note> left = new ArrayList<>();
      for (Note note : read(image)) {
        Path file = Path.of(note.path());
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && isThat(note, file)) {
          left.add(note);
        }
      }
      write(image, left);
    } catch (IOException e) {
      // Looked at again when they are used.
      LOG.debug("notes of {} were not brought up to date", image, e);
    }
  }

  private static Note note(Path file, Method method) throws IOException {
    long born =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .creationTime()
            .to(TimeUnit.NANOSECONDS);
    return new Note(file.toString(), method, inode(file), born);
  }

  private static boolean isThat(Note note, Path file) throws IOException {
    Note now = note(file, note.method());
    return now.inode() == note.inode() && now.bornNanos() == note.bornNanos();
  }

  private static long inode(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return 0;
    }
    return (Long)
        Objects.requireNonNull(Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS));
  }

  private Path file(ImageId image) {
    return notes.resolve(image.hex() + NOTE);
  }

  private List<Note> read(ImageId image) throws IOException {
    Path file = file(image);
    try {
      return Files.size(file) > MAX_NOTE_BYTES
          ? List.of()
          : List.of(JSON.readValue(Files.readAllBytes(file), Note[].class));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (JacksonException e) {
      LOG.warn("{} cannot be understood and counts as empty: {}", file, e.getOriginalMessage());
      return List.of();
    }
  }

  private void write(ImageId image, List<Note> all) throws IOException {
    Path file = file(image);
    if (all.isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    Files.createDirectories(notes);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(all));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
