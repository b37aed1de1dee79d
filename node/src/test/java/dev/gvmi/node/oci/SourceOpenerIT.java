package dev.gvmi.node.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.tar.ByteText;
import dev.gvmi.node.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourceOpenerIT {
  private static final byte[] BASE = new Layers().folder("etc", 0755).file("etc/a", "aaa").tar();
  private static final byte[] MIDDLE = new Layers().file("etc/b", "bbb").tar();
  private static final byte[] TOP = new Layers().file("etc/.wh.a", "").tar();
  private static final List<byte[]> TARS = List.of(BASE, MIDDLE, TOP);
  private static final List<String> NAMES = List.of("0 etc", "0 etc/a", "1 etc/b", "2 etc/.wh.a");

  @TempDir private Path folder;

  private static SourceOpener.Wanted wanted(String platform, @Nullable String tag) {
    return new SourceOpener.Wanted(Platform.parse(platform), tag, null);
  }

  private static final SourceOpener.Wanted ANY = wanted("linux/amd64", null);

  private SourceOpener opener() {
    return new SourceOpener(SourceLimits.DEFAULT, folder);
  }

  private static List<String> names(ImageSource source) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < source.layers().size(); i++) {
      int layer = i;
      source
          .layers()
          .get(i)
          .read((entry, content) -> names.add(layer + " " + ByteText.toUtf8(entry.name())));
    }
    return names;
  }

  private List<String> open(Path source, SourceOpener.Wanted wanted) throws IOException {
    return open(opener(), source, wanted);
  }

  private static List<String> open(SourceOpener opener, Path source, SourceOpener.Wanted wanted)
      throws IOException {
    try (ImageSource opened = opener.open(source, wanted)) {
      List<String> first = names(opened);
      assertThat(names(opened)).as("a second reading").isEqualTo(first);
      return first;
    }
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private void assertRefused(Path source, SourceOpener.Wanted wanted, String why) {
    assertThatThrownBy(() -> open(source, wanted))
        .isInstanceOf(InvalidSourceException.class)
        .hasMessageContaining(why)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void readsALayoutInAFolderAndInATarAndPacked() throws IOException {
    Map<String, byte[]> layout = Sources.layout(TARS);
    byte[] tar = Sources.archive(layout);

    assertThat(open(Sources.folder(folder.resolve("oci"), layout), ANY)).isEqualTo(NAMES);
    assertThat(open(file("oci.tar", tar), ANY)).isEqualTo(NAMES);
    assertThat(open(file("oci.tar.gz", Sources.gzip(tar)), ANY)).isEqualTo(NAMES);
    assertThat(open(file("oci.tar.zst", Sources.zstd(tar)), ANY)).isEqualTo(NAMES);
  }

  @Test
  void readsFromAPipeAndLeavesNothingBehind() throws IOException {
    byte[] tar = Sources.archive(Sources.dockerSave(TARS, "a:1"));
    try (ImageSource source = opener().open(new ByteArrayInputStream(tar), ANY)) {
      assertThat(names(source)).isEqualTo(NAMES);
      assertThat(source.configDigest()).hasSize(64);
    }
    assertThatThrownBy(() ->
            opener()
                .open(new ByteArrayInputStream(new byte[700]), wanted("linux/amd64", "x"))
                .close())
        .isInstanceOf(InvalidSourceException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void readsWhatDockerSavedOldAndNew() throws IOException {
    assertThat(open(file("old.tar", Sources.archive(Sources.dockerSave(TARS, "a:1"))), ANY))
        .isEqualTo(NAMES);

    Map<String, byte[]> both = Sources.layout(TARS);
    byte[] config = Sources.config("amd64", Sources.CONFIG, TARS).getBytes(UTF_8);
    List<String> layers =
        both.entrySet().stream()
            .map(Map.Entry::getKey)
            .filter(name -> name.startsWith("blobs/"))
            .toList();
    assertThat(layers).hasSize(5);
    List<String> named =
        TARS.stream()
            .map(tar -> tar == BASE ? tar : tar == MIDDLE ? Sources.gzip(tar) : Sources.zstd(tar))
            .map(blob -> "\"blobs/sha256/" + Sources.sha256(blob) + "\"")
            .toList();
    both.put(
        "manifest.json",
        ("[{\"Config\":\"blobs/sha256/"
                + Sources.sha256(config)
                + "\",\"RepoTags\":[\"a:1\"],\"Layers\":["
                + String.join(",", named)
                + "]}]")
            .getBytes(UTF_8));
    Path file = file("new.tar", Sources.archive(both));
    assertThat(open(file, ANY)).isEqualTo(NAMES);
    assertThat(open(file, wanted("linux/amd64", "a:1"))).isEqualTo(NAMES);
    assertRefused(file, wanted("linux/amd64", "b:1"), "no image b:1, but a:1");
  }

  @Test
  void followsTheLinksOfOldArchives() throws IOException {
    Map<String, byte[]> files = Sources.dockerSave(List.of(BASE), "a:1");
    String layer =
        files.keySet().stream()
            .filter(name -> name.endsWith("layer.tar"))
            .findFirst()
            .orElseThrow();
    byte[] content = files.remove(layer);
    Layers archive = new Layers();
    files.forEach((name, bytes) -> archive.file(name, bytes, 0644));
    archive.symlink(layer, "../other/layer.tar").file("other/layer.tar", content, 0644);
    assertThat(open(file("links.tar", archive.tar()), ANY)).containsExactly("0 etc", "0 etc/a");
  }

  @Test
  void choosesThePlatform() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    String arm = Sources.image(files, "arm64", List.of(MIDDLE));
    String amd = Sources.image(files, "amd64", List.of(BASE));
    String unknown =
        "{\"digest\":\"sha256:"
            + "0".repeat(64)
            + "\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}";
    String nested =
        Sources.blob(
            files, ("{\"manifests\":[" + unknown + "," + arm + "," + amd + "]}").getBytes(UTF_8));
    files.put("index.json", ("{\"manifests\":[" + nested + "]}").getBytes(UTF_8));
    files.put("oci-layout", "{}".getBytes(UTF_8));
    Path source = Sources.folder(folder.resolve("multi"), files);

    assertThat(open(source, ANY)).containsExactly("0 etc", "0 etc/a");
    assertThat(open(source, wanted("linux/arm64", null))).containsExactly("0 etc/b");
    assertRefused(
        source,
        wanted("linux/s390x", null),
        "no image for linux/s390x, but for linux/arm64, linux/amd64");
  }

  @Test
  void aRootFolderAndARootTarAreOneLayer() throws IOException {
    Path root = Files.createDirectories(folder.resolve("root/etc"));
    Files.writeString(root.resolve("b"), "b");
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createLink(root.resolve("c"), root.resolve("b"));
    assertThat(open(folder.resolve("root"), ANY))
        .containsExactly("0 ./", "0 etc", "0 etc/a", "0 etc/b", "0 etc/c");
    assertThat(open(file("root.tar", BASE), ANY)).containsExactly("0 etc", "0 etc/a");
    assertRefused(folder.resolve("root.tar"), wanted("linux/amd64", "x"), "--tag");
  }

  @Test
  void aManifestOfARootFileSystemIsNotDockers() throws IOException {
    byte[] root = new Layers().file("manifest.json", "{\"name\":\"app\"}").tar();
    assertThat(open(file("app.tar", root), ANY)).containsExactly("0 manifest.json");
  }

  @Test
  void seesEveryKindOfDamage() throws IOException {
    Map<String, byte[]> layout = Sources.layout(TARS);
    int number = 0;
    for (String name : List.copyOf(layout.keySet())) {
      if (name.startsWith("blobs/")) {
        byte[] good = layout.get(name);
        Map<String, byte[]> flipped = new TreeMap<>(layout);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        flipped.put(name, bad);
        Path source = Sources.folder(folder.resolve("flipped" + number), flipped);
        assertThatThrownBy(() -> open(source, ANY))
            .as("flipped " + name)
            .isInstanceOf(InvalidSourceException.class);
        Map<String, byte[]> cut = new TreeMap<>(layout);
        cut.put(name, Arrays.copyOf(good, good.length - 7));
        Path shorter = Sources.folder(folder.resolve("cut" + number++), cut);
        assertThatThrownBy(() -> open(shorter, ANY))
            .as("cut " + name)
            .isInstanceOf(InvalidSourceException.class);
      }
    }
    assertThat(number).isEqualTo(5);
  }

  @Test
  void aLayerOfOtherBytesIsAMismatch() throws IOException {
    Map<String, byte[]> files = Sources.dockerSave(List.of(BASE), "a:1");
    String layer =
        files.keySet().stream()
            .filter(name -> name.endsWith("layer.tar"))
            .findFirst()
            .orElseThrow();
    files.put(layer, MIDDLE);
    Path source = file("other.tar", Sources.archive(files));
    assertThatThrownBy(() -> open(source, ANY))
        .isInstanceOfSatisfying(
            InvalidSourceException.class, e -> assertThat(e.isMismatch()).isTrue())
        .hasMessageContaining("layer 1")
        .hasMessageContaining("not those of sha256:");
  }

  @Test
  void aRootTarWithoutItsEndIsTruncated() throws IOException {
    assertRefused(file("cut.tar", Arrays.copyOf(BASE, BASE.length - 1024)), ANY, "truncated");
  }

  @Test
  void refusesOneOverEachLimit() throws IOException {
    byte[] zeros = new Layers().file("zeros", new byte[100_000], 0644).tar();
    byte[] packed = Sources.gzip(zeros);
    Path source = Sources.folder(folder.resolve("bomb"), Sources.layout(List.of(BASE, zeros)));
    int ratio = zeros.length / packed.length;
    assertThat(open(limited(512, 100, 1L << 30, 1024, ratio + 1, 4 << 20), source, ANY)).hasSize(3);
    assertOver(limited(512, 100, 1L << 30, 1024, ratio - 1, 4 << 20), source, "looks like a bomb");
    assertThat(open(limited(512, 100, zeros.length, 1L << 30, 1, 4 << 20), source, ANY)).hasSize(3);
    assertOver(
        limited(512, 100, zeros.length - 1, 1L << 30, 1, 4 << 20), source, "looks like a bomb");
    assertThat(open(limited(2, 100, 1L << 30, 1L << 30, 1, 4 << 20), source, ANY)).hasSize(3);
    assertOver(limited(1, 100, 1L << 30, 1L << 30, 1, 4 << 20), source, "2 layers, more than 1");
    assertOver(limited(512, 100, 1L << 30, 1L << 30, 1, 10), source, "more than 10");
  }

  private SourceOpener limited(
      int layers, int entries, long unpacked, long free, int ratio, int json) {
    return new SourceOpener(
        new SourceLimits(
            json, layers, entries, entries, unpacked, free, ratio, 512, TarLimits.DEFAULT),
        folder);
  }

  private static void assertOver(SourceOpener opener, Path source, String why) {
    assertThatThrownBy(() -> open(opener, source, ANY))
        .isInstanceOf(InvalidSourceException.class)
        .hasMessageContaining(why);
  }

  @Test
  void anArchiveOfTooManyFilesIsOnlyARootFileSystem() throws IOException {
    Path source = file("many.tar", Sources.archive(Sources.dockerSave(TARS, "a:1")));
    assertThat(open(limited(512, 5, 1L << 30, 1L << 30, 1, 4 << 20), source, ANY)).isEqualTo(NAMES);
    assertThat(open(limited(512, 4, 1L << 30, 1L << 30, 1, 4 << 20), source, ANY))
        .hasSize(5)
        .contains("0 manifest.json");
  }

  @Test
  void digestsAreChecked() {
    for (String bad :
        List.of(
            "",
            "sha256",
            "sha256:",
            "sha256:" + "g".repeat(64),
            "sha256:" + "a".repeat(63),
            "md5:" + "a".repeat(32),
            "sha256:" + "A".repeat(64),
            "sha256:../../" + "a".repeat(58))) {
      assertThatThrownBy(() -> Digest.parse(bad))
          .as(bad)
          .isInstanceOf(InvalidSourceException.class);
    }
  }
}
