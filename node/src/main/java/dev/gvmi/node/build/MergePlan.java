package dev.gvmi.node.build;

import dev.gvmi.node.advice.TreeFacts;
import dev.gvmi.node.build.MergedTree.Folder;
import dev.gvmi.node.build.MergedTree.Inode;
import dev.gvmi.node.build.MergedTree.Leaf;
import dev.gvmi.node.build.MergedTree.Node;
import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * In which order the merged tree is written: all folders by name, then the files of each layer in
 * the order of the layer, each followed by its other names.
 *
 * <p>So the bytes of the lower layers come first, and stay where they are when only an upper layer
 * changes: versions of an image share them.
 */
final class MergePlan {
  private final TarEntry root;
  private final List<TarEntry> folders = new ArrayList<>();
  private final Map<Inode, List<String>> names = new HashMap<>();
  private final TreeFacts.Collector collector;
  private long newestSeconds;

  MergePlan(MergedTree tree, SortedSet<String> volumes) {
    this.collector = new TreeFacts.Collector(volumes);
    this.root = tree.root().entry();
    this.newestSeconds = root.seconds();
    add(tree.root(), "");
  }

  private void add(Folder folder, String prefix) {
    for (Map.Entry<String, Node> child : folder.children().entrySet()) {
      String path = prefix + child.getKey();
      switch (child.getValue()) {
        case Folder inner -> {
          folders.add(inner.entry().withName(path + "/"));
          newestSeconds = Math.max(newestSeconds, inner.entry().seconds());
          collector.add(ByteText.toUtf8(path), true, 0);
          add(inner, path + "/");
        }
        case Leaf leaf -> add(leaf.inode(), path);
      }
    }
  }

  private void add(Inode inode, String path) {
    List<String> all = names.computeIfAbsent(inode, key -> new ArrayList<>(1));
    long size = all.isEmpty() && inode.kind() == Kind.FILE ? inode.sizeBytes() : 0;
    all.add(path);
    newestSeconds = Math.max(newestSeconds, inode.seconds());
    collector.add(ByteText.toUtf8(path), false, size);
  }

  TarEntry root() {
    return root;
  }

  List<TarEntry> folders() {
    return folders;
  }

  /** The names of an entry, the one that it is written under first; empty if it is hidden. */
  Optional<List<String>> names(int layer, int number) {
    return Optional.ofNullable(names.get(new Inode(layer, number, Kind.FILE, 0, 0, null)));
  }

  /** The latest time of all. */
  long newestSeconds() {
    return newestSeconds;
  }

  TreeFacts facts() {
    return collector.facts();
  }
}
