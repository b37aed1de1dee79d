package dev.gvmi.node.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.build.MergedTree.Folder;
import dev.gvmi.node.build.MergedTree.Leaf;
import dev.gvmi.node.oci.InvalidSourceException;
import dev.gvmi.node.oci.SourceLimits;
import dev.gvmi.node.tar.TarEntry;
import dev.gvmi.node.tar.TarEntry.Kind;
import dev.gvmi.node.tar.TarLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Layers written as words: {@code d:NAME} a folder, {@code NAME} a file, {@code NAME>TARGET} a
 * symbolic and {@code NAME=TARGET} a hard link.
 */
final class MergedTreeTest {
  private static TarEntry entry(String word) {
    int symbolic = word.indexOf('>');
    int hard = word.indexOf('=');
    if (symbolic >= 0) {
      return link(word.substring(0, symbolic), Kind.SYMBOLIC_LINK, word.substring(symbolic + 1));
    }
    if (hard >= 0) {
      return link(word.substring(0, hard), Kind.HARD_LINK, word.substring(hard + 1));
    }
    return word.startsWith("d:")
        ? TarEntry.of(word.substring(2), Kind.FOLDER, 0700, 0, 0)
        : TarEntry.of(word, Kind.FILE, 0644, 0, 10);
  }

  private static TarEntry link(String name, Kind kind, String target) {
    return new TarEntry(name, kind, 0777, 0, 0, 0, 0, target, 0, 0, new TreeMap<>());
  }

  private static MergedTree merge(SourceLimits limits, String... layers)
      throws InvalidSourceException {
    MergedTree tree = new MergedTree(limits);
    for (int layer = 0; layer < layers.length; layer++) {
      String[] words = layers[layer].split(" ", -1);
      for (int i = 0; i < words.length; i++) {
        tree.apply(layer, i, entry(words[i]));
      }
    }
    return tree;
  }

  /** {@code name:layer} of each name, a folder with a slash. */
  private static List<String> names(String... layers) throws InvalidSourceException {
    List<String> names = new ArrayList<>();
    collect(merge(SourceLimits.DEFAULT, layers).root(), "", names);
    return names;
  }

  private static void collect(Folder folder, String prefix, List<String> names) {
    folder
        .children()
        .forEach((name, node) -> {
          switch (node) {
            case Folder inner -> {
              names.add(prefix + name + "/");
              collect(inner, prefix + name + "/", names);
            }
            case Leaf leaf ->
                names.add(prefix + name + ":" + leaf.inode().layer() + "." + leaf.inode().number());
          }
        });
  }

  private static void assertRefused(String why, String... layers) {
    assertThatThrownBy(() -> names(layers))
        .isInstanceOf(InvalidSourceException.class)
        .hasMessageContaining(why);
  }

  @Test
  void upperLayersReplaceFilesAndKeepFolders() throws Exception {
    assertThat(names("d:a a/x a/y", "a/x", "d:a")).containsExactly("a/", "a/x:1.0", "a/y:0.2");
  }

  @Test
  void aFileReplacesAFolderAndAFolderAFile() throws Exception {
    assertThat(names("d:a a/x b", "a d:b b/y")).containsExactly("a:1.0", "b/", "b/y:1.2");
  }

  @Test
  void aFolderReplacesASymbolicLink() throws Exception {
    assertThat(names("d:real real/x l>real", "d:l l/y"))
        .containsExactly("l/", "l/y:1.1", "real/", "real/x:0.1");
  }

  @Test
  void aWhiteoutHidesTheLayersBelowOnly() throws Exception {
    assertThat(names("a b", ".wh.a")).containsExactly("b:0.1");
    assertThat(names("a", "a .wh.a")).containsExactly("a:1.0");
    assertThat(names("a", ".wh.a a")).containsExactly("a:1.1");
    assertThat(names("d:d d/x", "d/y .wh.d")).containsExactly("d/", "d/y:1.0");
    assertThat(names("d:d d/x", ".wh.d")).isEmpty();
    assertThat(names("a", ".wh.other")).containsExactly("a:0.0");
    assertThat(names("a", "no/such/.wh.folder")).containsExactly("a:0.0");
  }

  @Test
  void anOpaqueFolderHidesTheLayersBelowWhereverItStands() throws Exception {
    assertThat(names("d:d d/x d:d/e d/e/z", "d:d d/y d/.wh..wh..opq"))
        .containsExactly("d/", "d/y:1.1");
    assertThat(names("d:d d/x d:d/e d/e/z", "d/.wh..wh..opq d/e/n"))
        .containsExactly("d/", "d/e/", "d/e/n:1.1");
    assertThat(names("a", ".wh..wh..opq b")).containsExactly("b:1.1");
  }

  @Test
  void whatAufsKeptForItselfIsPassedOver() throws Exception {
    assertThat(names("a", ".wh..wh.plnk .wh..wh.aufs")).containsExactly("a:0.0");
  }

  @Test
  void aHardLinkIsTheFileThatItsTargetIsNow() throws Exception {
    assertThat(names("a b=a")).containsExactly("a:0.0", "b:0.0");
    assertThat(names("a", "b=a .wh.a")).containsExactly("b:0.0");
    assertThat(names("a", "b=a", "a")).containsExactly("a:2.0", "b:0.0");
    assertThat(names("d:r r/a l>r", "b=l/a")).contains("b:0.1");
    assertRefused("which is no file there", "b=a");
    assertRefused("which is no file there", "d:a b=a");
  }

  @Test
  void parentsAreMadeAndFollowedThroughLinks() throws Exception {
    assertThat(names("a/b/c")).containsExactly("a/", "a/b/", "a/b/c:0.0");
    assertThat(names("d:usr d:usr/bin bin>usr/bin", "bin/sh"))
        .contains("usr/bin/sh:1.0")
        .doesNotContain("bin/sh:1.0");
    assertThat(names("d:run d:var var/run>/run", "var/run/x")).contains("run/x:1.0");
    assertThat(names("d:a d:a/b a/up>../b d:b", "a/up/x")).contains("b/x:1.0");
    assertThat(names("d:usr d:usr/bin usr/bin/sh bin>usr/bin", "bin/.wh.sh"))
        .doesNotContain("usr/bin/sh:0.2");
  }

  @Test
  void leadingSlashesAndDotsDoNotMatter() throws Exception {
    assertThat(names("./a /b ./d/./c d:./")).containsExactly("a:0.0", "b:0.1", "d/", "d/c:0.2");
  }

  @Test
  void nothingClimbsOut() {
    assertRefused("climbs out", "../a");
    assertRefused("climbs out", "a/../../b");
    assertRefused("climbs out", "d:a a/../b");
    assertRefused("climbs out", "a b=../a");
    assertRefused("climbs out", "l>../.. l/x");
    assertRefused("climbs out", "l>/.. l/x");
    assertRefused("hides nothing", ".wh...");
    assertRefused("hides nothing", ".wh..");
    assertRefused("hides nothing", ".wh.");
  }

  @Test
  void circlesAndFilesAsParentsAreRefused() {
    assertRefused("circle", "a>b b>a a/x");
    assertRefused("is no folder", "a a/x");
  }

  @Test
  void refusesOneOverEachLimit() throws Exception {
    SourceLimits exact = new SourceLimits(1, 1, 1, 2, 20, 1, 1, 3, TarLimits.DEFAULT);
    assertThat(merge(exact, "x/y/a b").root().children()).hasSize(2);
    assertOver(exact, "more than 2 entries", "d:a d:b d:c");
    assertOver(
        new SourceLimits(1, 1, 1, 9, 20, 1, 1, 3, TarLimits.DEFAULT),
        "more than 20 bytes",
        "a b c");
    assertOver(exact, "deeper than 3", "w/x/y/a");
    assertThat(merge(SourceLimits.DEFAULT, "n".repeat(255)).root().children()).hasSize(1);
    assertOver(SourceLimits.DEFAULT, "longer than 255", "n".repeat(256));
    String deep = "x/".repeat(500);
    assertOver(
        SourceLimits.DEFAULT, "symbolic links", "l>" + "m/".repeat(600) + " " + "l/" + deep + "x");
  }

  private static void assertOver(SourceLimits limits, String why, String... layers) {
    assertThatThrownBy(() -> merge(limits, layers))
        .isInstanceOf(InvalidSourceException.class)
        .hasMessageContaining(why);
  }

  @Test
  void countsEachFileOnceAndEachNameUnderAVolume() throws Exception {
    MergePlan plan =
        new MergePlan(
            merge(SourceLimits.DEFAULT, "d:w w/a b=w/a d:w/d opt/big/x opt/y"),
            new java.util.TreeSet<>(List.of("/w", "/none")));
    assertThat(plan.facts().files()).isEqualTo(4);
    assertThat(plan.facts().bytes()).isEqualTo(30);
    assertThat(plan.facts().hidden()).containsOnlyKeys("/w");
    assertThat(plan.facts().hidden().get("/w").entries()).isEqualTo(2);
    assertThat(plan.facts().largest().getFirst().bytes()).isEqualTo(10);
    assertThat(plan.names(0, 1)).contains(List.of("b", "w/a"));
    assertThat(plan.names(0, 2)).isEmpty();
  }
}
