package dev.gvmi.node.build;

import dev.gvmi.node.oci.InvalidSourceException;
import dev.gvmi.node.oci.SourceLimits;
import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file system that layers make, as names only: for each which entry of which layer it is.
 * Entries come in order, lowest layer first.
 *
 * <p>As if each layer were unpacked over those below it:
 *
 * <ul>
 *   <li>{@code .wh.NAME} removes NAME of the layers below, {@code .wh..wh..opq} all of the folder
 *       of the layers below, wherever in its layer it stands
 *   <li>a folder over a folder keeps what is in it and takes the new owner, mode, time and
 *       attributes; anything else replaces what was there
 *   <li>parents are followed through symbolic links, inside the image, and made if they are missing
 *   <li>a hard link is another name of the file that its target is at that moment
 * </ul>
 *
 * <p>A name or a hard link with {@code ..} is refused, and so is a symbolic link on the way to a
 * name that leads out of the image.
 *
 * <p><b>Thread:</b> one. Nothing of it touches a disk.
 *
 * <p><b>Source:</b> OCI image specification 1.1, Image Layer Filesystem Changeset.
 */
final class MergedTree {
  private static final String WHITEOUT = ".wh.";
  private static final String RESERVED = ".wh..wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int MAX_LINKS = 40;
  private static final int MAX_COMPONENT_BYTES = 255;

  private final SourceLimits limits;
  private final Folder root = new Folder(-1, TarEntry.of("./", Kind.FOLDER, 0755, 0, 0));
  private int entries;
  private long bytes;

  /** What a name is. */
  sealed interface Node permits Folder, Leaf {
    /** The last layer in which it was said. */
    int layer();
  }

  /** A folder; its entry is kept, as it is written before all files. */
  static final class Folder implements Node {
    private final SortedMap<String, Node> children = new TreeMap<>();
    private int layer;
    private TarEntry entry;

    Folder(int layer, TarEntry entry) {
      this.layer = layer;
      this.entry = entry;
    }

    @Override
    public int layer() {
      return layer;
    }

    TarEntry entry() {
      return entry;
    }

    SortedMap<String, Node> children() {
      return children;
    }
  }

  /** A name of anything else. */
  record Leaf(int layer, Inode inode) implements Node {}

  /**
   * A file, a link or a device: the entry with this number of its layer.
   *
   * @param target of a symbolic link, or null
   */
  record Inode(
      int layer, int number, Kind kind, long sizeBytes, long seconds, @Nullable String target) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Inode inode && inode.layer == layer && inode.number == number;
    }

    @Override
    public int hashCode() {
      return 31 * layer + number;
    }
  }

  MergedTree(SourceLimits limits) {
    this.limits = limits;
  }

  Folder root() {
    return root;
  }

  /**
   * Takes the next entry of a layer.
   *
   * @param number of the entry in its layer
   */
  void apply(int layer, int number, TarEntry entry) throws InvalidSourceException {
    if (++entries > limits.maxEntries()) {
      throw new InvalidSourceException(
          "the layers have more than " + limits.maxEntries() + " entries");
    }
    bytes += entry.sizeBytes();
    if (bytes < 0 || bytes > limits.maxUnpackedBytes()) {
      throw new InvalidSourceException(
          "the layers unpack to more than " + limits.maxUnpackedBytes() + " bytes");
    }
    Deque<String> path = components(entry.name());
    if (path.isEmpty()) {
      if (entry.kind() == Kind.FOLDER) {
        root.layer = layer;
        root.entry = entry.withName("./");
      }
      return;
    }
    String last = path.removeLast();
    if (last.startsWith(WHITEOUT)) {
      whiteOut(layer, path, last);
    } else {
      put(parent(layer, path, entry.name()), last, layer, number, entry);
    }
  }

  private Deque<String> components(String name) throws InvalidSourceException {
    Deque<String> path = new ArrayDeque<>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw climbing(name);
      }
      if (part.length() > MAX_COMPONENT_BYTES) {
        throw new InvalidSourceException("a name is longer than 255 bytes: " + shown(name));
      }
      if (!part.isEmpty() && !part.equals(".")) {
        path.add(part);
      }
    }
    if (path.size() > limits.maxDepth()) {
      throw new InvalidSourceException(
          "folders are nested deeper than " + limits.maxDepth() + ": " + shown(name));
    }
    return path;
  }

  private static InvalidSourceException climbing(String name) {
    return new InvalidSourceException("a name climbs out of the image: " + shown(name));
  }

  private static String shown(String name) {
    String text = ByteText.toUtf8(name);
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  private void whiteOut(int layer, Deque<String> path, String name) throws InvalidSourceException {
    Optional<Folder> folder = existing(path);
    if (name.equals(OPAQUE)) {
      folder.ifPresent(all -> removeLower(all, layer));
      return;
    }
    if (name.startsWith(RESERVED)) {
      return; // what AUFS kept for itself
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new InvalidSourceException(
          "a whiteout hides nothing: " + shown(String.join("/", path) + "/" + name));
    }
    if (folder.isPresent() && removable(folder.get().children.get(hidden), layer)) {
      folder.get().children.remove(hidden);
    }
  }

  /** Whether nothing of this layer is left of it when all of the layers below is gone. */
  private static boolean removable(@Nullable Node node, int layer) {
    return switch (node) {
      case null -> false;
      case Leaf leaf -> leaf.layer < layer;
      case Folder folder -> {
        removeLower(folder, layer);
        yield folder.children.isEmpty() && folder.layer < layer;
      }
    };
  }

  private static void removeLower(Folder folder, int layer) {
    folder.children.values().removeIf(child -> removable(child, layer));
  }

  private void put(Folder parent, String name, int layer, int number, TarEntry entry)
      throws InvalidSourceException {
    Node before = parent.children.get(name);
    switch (entry.kind()) {
      case FOLDER -> {
        if (before instanceof Folder folder) {
          folder.layer = layer;
          folder.entry = entry;
        } else {
          parent.children.put(name, new Folder(layer, entry));
        }
      }
      case HARD_LINK -> parent.children.put(name, new Leaf(layer, linked(entry)));
      case FILE, SYMBOLIC_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
        String target = entry.kind() == Kind.SYMBOLIC_LINK ? entry.link() : null;
        Inode inode =
            new Inode(layer, number, entry.kind(), entry.sizeBytes(), entry.seconds(), target);
        parent.children.put(name, new Leaf(layer, inode));
      }
    }
  }

  private Inode linked(TarEntry entry) throws InvalidSourceException {
    Deque<String> path = components(entry.link());
    String last = path.isEmpty() ? "" : path.removeLast();
    Optional<Folder> folder = existing(path);
    if (folder.isPresent() && folder.get().children.get(last) instanceof Leaf leaf) {
      return leaf.inode;
    }
    throw new InvalidSourceException(
        "the hard link "
            + shown(entry.name())
            + " names "
            + shown(entry.link())
            + ", which is no file there");
  }

  private Optional<Folder> existing(Deque<String> path) throws InvalidSourceException {
    return Optional.ofNullable(walk(path, -1, ""));
  }

  private Folder parent(int layer, Deque<String> path, String name) throws InvalidSourceException {
    Folder found = walk(path, layer, name);
    if (found == null) {
      throw new IllegalStateException("a missing folder was not made");
    }
    return found;
  }

  /**
   * The folder at a path, symbolic links followed.
   *
   * @param layer in which missing folders are made, or negative: then null is returned
   */
  private @Nullable Folder walk(Deque<String> path, int layer, String name)
      throws InvalidSourceException {
    Deque<String> todo = new ArrayDeque<>(path);
    Deque<Folder> done = new ArrayDeque<>(List.of(root));
    int links = 0;
    while (!todo.isEmpty()) {
      String part = todo.removeFirst();
      if (part.equals("..")) {
        done.removeLast();
        if (done.isEmpty()) {
          throw climbing(name.isEmpty() ? String.join("/", path) : name);
        }
        continue;
      }
      Folder at = done.getLast();
      Node next = at.children.get(part);
      if (next instanceof Leaf leaf && leaf.inode.target() != null) {
        if (++links > MAX_LINKS) {
          throw new InvalidSourceException("symbolic links lead in a circle at " + shown(name));
        }
        follow(leaf.inode.target(), todo, done);
      } else if (next instanceof Folder folder) {
        done.addLast(folder);
      } else if (layer < 0) {
        return null;
      } else if (next == null) {
        Folder made = new Folder(layer, TarEntry.of("", Kind.FOLDER, 0755, 0, 0));
        at.children.put(part, made);
        done.addLast(made);
      } else {
        throw new InvalidSourceException("the parent of " + shown(name) + " is no folder");
      }
    }
    return done.getLast();
  }

  private void follow(String target, Deque<String> todo, Deque<Folder> done)
      throws InvalidSourceException {
    if (target.startsWith("/")) {
      done.clear();
      done.add(root);
    }
    String[] parts = target.split("/", -1);
    if (todo.size() + parts.length > 2 * limits.maxDepth()) {
      throw new InvalidSourceException("symbolic links lead too deep at " + shown(target));
    }
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty() && !parts[i].equals(".")) {
        todo.addFirst(parts[i]);
      }
    }
  }
}
