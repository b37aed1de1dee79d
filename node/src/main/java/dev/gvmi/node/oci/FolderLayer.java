package dev.gvmi.node.oci;

import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A root file system in a folder, as a layer: entries by name. What belongs to the folder's owner
 * belongs to root in the image, so that the same tree gives the same bytes whoever unpacked it.
 *
 * <p><b>Thread:</b> one.
 */
final class FolderLayer implements EntrySource {
  private static final int PERMISSIONS = 07777;
  private static final int TYPE = 0170000;

  private final Path root;
  private final SourceLimits limits;
  private final long ownerUid;
  private final long ownerGid;

  FolderLayer(Path root, SourceLimits limits) throws IOException {
    this.root = root;
    this.limits = limits;
    Map<String, Object> of = attributes(root);
    this.ownerUid = id(of, "uid");
    this.ownerGid = id(of, "gid");
  }

  @Override
  public String name() {
    return "the folder " + root;
  }

  @Override
  public long storedBytes() {
    return 0;
  }

  /** A walk in progress. */
  private record Walk(Visitor visitor, Map<Object, String> linked) {}

  @Override
  public void read(Visitor visitor) throws IOException {
    Walk walk = new Walk(visitor, new HashMap<>());
    visit(walk, root, "./", attributes(root));
    walk(walk, root, "", 0);
  }

  private void walk(Walk walk, Path folder, String prefix, int depth) throws IOException {
    if (depth > limits.maxDepth()) {
      throw new InvalidSourceException(
          "folders are nested deeper than " + limits.maxDepth() + ": " + folder);
    }
    for (Path child : children(folder)) {
      Map<String, Object> attributes = attributes(child);
      String name = prefix + rawName(child);
      visit(walk, child, name, attributes);
      if (kind(attributes) == 004) {
        walk(walk, child, name + "/", depth + 1);
      }
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(all::add);
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    all.sort(Comparator.comparing(FolderLayer::rawName));
    return all;
  }

  /** Names that are no text of this JVM's file name encoding cannot be opened either. */
  private static String rawName(Path child) {
    return ByteText.fromUtf8(String.valueOf(child.getFileName()));
  }

  private static Map<String, Object> attributes(Path file) throws IOException {
    return Files.readAttributes(
        file,
        "unix:mode,uid,gid,ino,dev,rdev,nlink,size,lastModifiedTime",
        LinkOption.NOFOLLOW_LINKS);
  }

  private static long number(Map<String, Object> attributes, String key) {
    return attributes.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /** The JDK shows owners as signed. */
  private static long id(Map<String, Object> attributes, String key) {
    return number(attributes, key) & 0xffff_ffffL;
  }

  /** The type bits of the mode, as an octal digit or two. */
  private static int kind(Map<String, Object> attributes) {
    return ((int) number(attributes, "mode") & TYPE) >> 12;
  }

  private void visit(Walk walk, Path file, String name, Map<String, Object> of) throws IOException {
    switch (kind(of)) {
      case 001 -> walk.visitor.entry(entry(of, file, name, Kind.FIFO, 0, ""), none());
      case 002 -> walk.visitor.entry(entry(of, file, name, Kind.CHARACTER_DEVICE, 0, ""), none());
      case 004 -> walk.visitor.entry(entry(of, file, name, Kind.FOLDER, 0, ""), none());
      case 006 -> walk.visitor.entry(entry(of, file, name, Kind.BLOCK_DEVICE, 0, ""), none());
      case 010 -> file(walk, file, name, of);
      case 012 -> {
        String target = ByteText.fromUtf8(Files.readSymbolicLink(file).toString());
        walk.visitor.entry(entry(of, file, name, Kind.SYMBOLIC_LINK, 0, target), none());
      }
      default -> {
        // a socket is of a running process, and of no use in an image
      }
    }
  }

  private void file(Walk walk, Path file, String name, Map<String, Object> of) throws IOException {
    long links = number(of, "nlink");
    Object key = List.of(number(of, "dev"), number(of, "ino"));
    String first = links > 1 ? walk.linked.putIfAbsent(key, name) : null;
    if (first != null) {
      walk.visitor.entry(entry(of, file, name, Kind.HARD_LINK, 0, first), none());
      return;
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      long size = number(of, "size");
      long[] left = {size};
      walk.visitor.entry(
          entry(of, file, name, Kind.FILE, size, ""),
          buffer -> {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left[0]));
            left[0] -= Math.max(0, count);
            return left[0] == 0 && count == 0 ? -1 : count;
          });
    }
  }

  private static Content none() {
    return buffer -> -1;
  }

  private TarEntry entry(
      Map<String, Object> of, Path file, String name, Kind kind, long size, String link)
      throws IOException {
    long device = number(of, "rdev");
    long seconds =
        of.get("lastModifiedTime") instanceof FileTime time
            ? Math.floorDiv(time.toMillis(), 1000)
            : 0;
    long uid = id(of, "uid");
    long gid = id(of, "gid");
    return new TarEntry(
        name,
        kind,
        (int) number(of, "mode") & PERMISSIONS,
        uid == ownerUid ? 0 : uid,
        gid == ownerGid ? 0 : gid,
        seconds,
        size,
        link,
        major(device),
        minor(device),
        kind == Kind.HARD_LINK ? new TreeMap<>() : xattrs(file, kind));
  }

  private static SortedMap<String, String> xattrs(Path file, Kind kind) throws IOException {
    return kind == Kind.FILE || kind == Kind.FOLDER ? ExtendedAttributes.of(file) : new TreeMap<>();
  }

  /** As makedev(3) of the GNU C library packs them. */
  private static int major(long device) {
    return (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & 0xffff_f000L));
  }

  private static int minor(long device) {
    return (int) ((device & 0xff) | ((device >>> 12) & 0xffff_ff00L));
  }
}
