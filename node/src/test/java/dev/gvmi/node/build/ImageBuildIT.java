package dev.gvmi.node.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.ListedFile;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.oci.Layers;
import dev.gvmi.node.oci.Platform;
import dev.gvmi.node.oci.SourceLimits;
import dev.gvmi.node.oci.Sources;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.node.tar.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are made of layers that the test makes, looked at with {@code unsquashfs}. */
final class ImageBuildIT {
  private static final String PATH = System.getenv().getOrDefault("PATH", "");
  private static final String LONG = "x".repeat(200);

  /** A capability of a program such as ping: not text. */
  private static final Map<String, String> CAPABILITY =
      Map.of("security.capability", "\u0001\0\0\u0002\0\u0020\0\0\0\0\0\0\0\0\0\0\0\0\0\0");

  @TempDir private Path folder;

  @BeforeEach
  void needsTheTools() {
    assumeTrue(
        Tool.find("sqfstar", PATH).isPresent() && Tool.find("unsquashfs", PATH).isPresent(),
        "squashfs-tools 4.5 or newer is missing");
  }

  private static byte[] blob(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static List<byte[]> layers() {
    byte[] base =
        new Layers()
            .folder("etc/", 0755)
            .file("etc/gone", "gone")
            .owned("etc/shadow", "secret", 0, 42, 0640, Map.of())
            .folder("usr/", 0755)
            .folder("usr/bin/", 0755)
            .file("usr/bin/big", blob(1, 300_000), 0755)
            .owned("usr/bin/ping", "ping", 0, 0, 0755, CAPABILITY)
            .owned("usr/bin/su", "su", 0, 0, 04755, Map.of())
            .symlink("bin", "usr/bin")
            .folder("old/", 0755)
            .file("old/a", "a")
            .folder("dev/", 0755)
            .device("dev/null", Kind.CHARACTER_DEVICE, 1, 3)
            .device("dev/pipe", Kind.FIFO, 0, 0)
            .tar();
    byte[] middle =
        new Layers()
            .file("etc/.wh.gone", "")
            .folder("old/", 0700)
            .file("old/.wh..wh..opq", "")
            .file("old/new", "new")
            .file("bin/tool", "#!/bin/sh\n".getBytes(UTF_8), 0755)
            .hardLink("bin/alias", "usr/bin/big")
            .tar();
    byte[] top =
        new Layers()
            .folder("golem/", 0755)
            .folder("golem/work/", 0777)
            .file("golem/work/hidden", "0123456789")
            .file(LONG + "/" + LONG, "long")
            .file("\u00e9t\u00e9", "utf-8")
            .owned("app", "app", 100_000, 3_000_000_000L, 0600, Map.of("user.a", "b"))
            .tar();
    return List.of(base, middle, top);
  }

  private static final List<String> EXPECTED =
      List.of(
          "drwxr-xr-x 0/0 0 ",
          "-rw------- 100000/3000000000 3 app",
          "lrwxrwxrwx 0/0 0 bin -> usr/bin",
          "drwxr-xr-x 0/0 0 dev",
          "crw-rw-rw- 0/0 0 dev/null",
          "prw-rw-rw- 0/0 0 dev/pipe",
          "drwxr-xr-x 0/0 0 etc",
          "-rw-r----- 0/42 6 etc/shadow",
          "drwxr-xr-x 0/0 0 golem",
          "drwxrwxrwx 0/0 0 golem/work",
          "-rw-r--r-- 0/0 10 golem/work/hidden",
          "drwx------ 0/0 0 old",
          "-rw-r--r-- 0/0 3 old/new",
          "drwxr-xr-x 0/0 0 usr",
          "drwxr-xr-x 0/0 0 usr/bin",
          "-rwxr-xr-x 0/0 300000 usr/bin/alias",
          "-rwxr-xr-x 0/0 300000 usr/bin/big",
          "-rwxr-xr-x 0/0 4 usr/bin/ping",
          "-rwsr-xr-x 0/0 2 usr/bin/su",
          "-rwxr-xr-x 0/0 10 usr/bin/tool",
          "drwxr-xr-x 0/0 0 " + LONG,
          "-rw-r--r-- 0/0 4 " + LONG + "/" + LONG,
          "-rw-r--r-- 0/0 5 \u00e9t\u00e9");

  private BuildRequest request(@Nullable Path source, String target) {
    return request(source, target, Compressor.GZIP);
  }

  private BuildRequest request(@Nullable Path source, String target, Compressor compressor) {
    return new BuildRequest(
        source,
        folder.resolve(target),
        new BuildRequest.Selection(Platform.GOLEM, null, null),
        new BuildRequest.Overrides(List.of(), List.of(), null, null),
        new BuildRequest.Packing(compressor, null, OptionalLong.empty()));
  }

  private static BuildResult build(BuildRequest request) throws InterruptedException {
    return build(request, PATH, SourceLimits.DEFAULT);
  }

  private static BuildResult build(BuildRequest request, String path, SourceLimits limits)
      throws InterruptedException {
    return new ImageBuild(limits, path, InputStream.nullInputStream())
        .build(
            request,
            findings -> {},
            (phase, done, total) -> assertThat(done).isLessThanOrEqualTo(total));
  }

  private static List<String> listing(Path image) throws IOException {
    List<String> lines = new ArrayList<>();
    Unsquashfs.find(PATH)
        .orElseThrow()
        .list(
            image,
            file ->
                lines.add(
                    file.mode()
                        + " "
                        + file.uid()
                        + "/"
                        + file.gid()
                        + " "
                        + file.sizeBytes()
                        + " "
                        + file.path()
                        + (file.link().isEmpty() ? "" : " -> " + file.link())));
    return lines;
  }

  private Path layout() throws IOException {
    return Sources.folder(folder.resolve("oci"), Sources.layout(layers()));
  }

  @Test
  void mergesLayersAsAnEngineWould() throws Exception {
    BuildResult built = build(request(layout(), "a.gvmi"));

    assertThat(listing(built.file())).containsExactlyElementsOf(EXPECTED);
    assertThat(built.layers()).isEqualTo(3);
    assertThat(built.imageBytes()).isEqualTo(Files.size(built.file()));
    assertThat(built.findings())
        .extracting(Finding::code)
        .contains("hidden-content", "command", "room");
    try (ImageFile image = ImageFile.open(built.file())) {
      assertThat(image.header().inodes()).isEqualTo(EXPECTED.size() - 1); // alias and big are one
      assertThat(image.trailer().path("Volumes").propertyNames()).containsExactly("/golem/work");
      assertThat(image.trailer().path("Cmd").path(0).asString()).isEqualTo("sh");
    }
  }

  @Test
  void contentLinksAndAttributesAreWhole() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "unpacking owners and capabilities needs root");
    BuildResult built = build(request(layout(), "a.gvmi"));
    Path out = folder.resolve("out");
    Process tool =
        new ProcessBuilder(
                "unsquashfs", "-no-progress", "-d", out.toString(), built.file().toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(tool.waitFor()).as(Files.readString(folder.resolve("log"))).isZero();

    assertThat(out.resolve("usr/bin/big")).hasBinaryContent(blob(1, 300_000));
    assertThat(Files.isSameFile(out.resolve("usr/bin/big"), out.resolve("usr/bin/alias"))).isTrue();
    assertThat(out.resolve("old/new")).hasContent("new");
    // built again from what was unpacked: the capability comes from the file itself this time
    BuildResult again = build(withVolume(request(out, "b.gvmi")));
    assertThat(listing(again.file())).containsExactlyElementsOf(EXPECTED);
    Path twice = folder.resolve("twice");
    Process second =
        new ProcessBuilder(
                "unsquashfs",
                "-no-progress",
                "-d",
                twice.toString(),
                again.file().toString(),
                "usr/bin/ping",
                "app")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(second.waitFor()).isZero();
    assertThat(Files.getAttribute(twice.resolve("app"), "user:a")).isEqualTo("b".getBytes(UTF_8));
  }

  private static BuildRequest withVolume(BuildRequest request) {
    return new BuildRequest(
        request.source(),
        request.target(),
        request.selection(),
        new BuildRequest.Overrides(
            List.of("/data"), List.of("PATH=/usr/bin", "A=1", "A=2"), "/data", List.of("app")),
        request.packing());
  }

  @Test
  void optionsGoIntoTheTrailer() throws Exception {
    BuildResult built = build(withVolume(request(layout(), "a.gvmi")));
    assertThat(built.config().volumes()).containsExactly("/data", "/golem/work");
    assertThat(built.config().env()).containsExactly("PATH=/usr/bin", "A=2");
    assertThat(built.config().workingDir()).isEqualTo("/data");
    assertThat(built.config().command()).containsExactly("app");
  }

  @Test
  void everyFormOfTheSameImageGivesTheSameBytes() throws Exception {
    Path source = layout();
    byte[] first = Files.readAllBytes(build(request(source, "a.gvmi")).file());
    byte[] archive = Sources.archive(Sources.layout(layers()));
    Path tar = Files.write(folder.resolve("oci.tar"), archive);

    assertThat(build(request(tar, "other name.gvmi")).file()).hasBinaryContent(first);
    new ImageBuild(SourceLimits.DEFAULT, PATH, new ByteArrayInputStream(Sources.gzip(archive)))
        .build(request(null, "piped.gvmi"), findings -> {}, (phase, done, total) -> {});
    assertThat(folder.resolve("piped.gvmi")).hasBinaryContent(first);
  }

  /**
   * One with an empty environment, another clock if faketime is there, another user if this one
   * may, another folder and number of processors.
   */
  @Test
  void anotherTimeUserFolderAndMachineGiveTheSameBytes() throws Exception {
    for (Compressor compressor : Compressor.values()) {
      Path source =
          Sources.folder(
              Files.createDirectories(folder.resolve("1/" + compressor)), Sources.layout(layers()));
      byte[] first =
          Files.readAllBytes(build(request(source, compressor + ".gvmi", compressor)).file());

      Path other =
          Sources.folder(
              Files.createDirectories(folder.resolve("2/" + compressor)), Sources.layout(layers()));
      for (Path file : List.of(other.resolve("index.json"), other.resolve("oci-layout"))) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000)));
      }
      Path tools = Files.createDirectories(folder.resolve("tools " + compressor));
      Path wrapper =
          Files.writeString(
              tools.resolve("sqfstar"),
              "#!/bin/sh\nsleep 1.1\nexport TZ=Asia/Tokyo USER=nobody HOSTNAME=elsewhere LC_ALL=C\n"
                  + "umask 077; cd /\nexec "
                  + Tool.find("sqfstar", PATH).orElseThrow()
                  + " -processors 1 \"$@\"\n");
      assertThat(wrapper.toFile().setExecutable(true)).isTrue();
      BuildResult second =
          build(
              request(other, "second " + compressor + ".gvmi", compressor),
              tools + ":" + PATH,
              SourceLimits.DEFAULT);
      assertThat(second.file()).as("%s", compressor).hasBinaryContent(first);
    }
  }

  @Test
  void aTreeOfAnotherUserGivesTheSameBytes() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "giving files away needs root");
    byte[] first = null;
    for (int owner : new int[] {0, 1234}) {
      Path root = Files.createDirectories(folder.resolve("root" + owner + "/d"));
      Files.writeString(root.resolve("f"), "f");
      for (Path path : List.of(root.resolve("f"), root, root.getParent())) {
        Files.setAttribute(path, "unix:uid", owner);
        Files.setAttribute(path, "unix:gid", owner);
        Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(1_000_000)));
      }
      byte[] bytes =
          Files.readAllBytes(build(withVolume(request(root.getParent(), owner + ".gvmi"))).file());
      assertThat(first == null || Arrays.equals(first, bytes)).isTrue();
      first = bytes;
    }
  }

  @Test
  void timesAreNoLaterThanSourceDateEpoch() throws Exception {
    BuildRequest plain = request(layout(), "a.gvmi");
    BuildRequest early =
        new BuildRequest(
            plain.source(),
            plain.target(),
            plain.selection(),
            plain.overrides(),
            new BuildRequest.Packing(Compressor.GZIP, 1, OptionalLong.of(86_400)));
    Process tool = new ProcessBuilder("unsquashfs", "-lln", build(early).file().toString()).start();
    String out = new String(tool.getInputStream().readAllBytes(), UTF_8);
    assertThat(out).contains("1970-01-02").doesNotContain("2020-").doesNotContain("2026-");
  }

  private void assertNothingMade(BuildRequest request, ServiceException.Kind kind, String why) {
    assertNothingMade(request, PATH, SourceLimits.DEFAULT, kind, why);
  }

  private void assertNothingMade(
      BuildRequest request,
      String path,
      SourceLimits limits,
      ServiceException.Kind kind,
      String why) {
    assertThatThrownBy(() -> build(request, path, limits))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why)
        .message()
        .doesNotContain("\n")
        .startsWith("cannot build ");
    assertThat(folder.toFile().list((dir, name) -> name.endsWith(".gvmi") || name.endsWith(".tmp")))
        .isEmpty();
  }

  @Test
  void whatCannotBeBuiltLeavesNoFile() throws Exception {
    Path nothing = folder.resolve("nothing");
    assertNothingMade(
        request(nothing, "a.gvmi"), ServiceException.Kind.USAGE, "there is no " + nothing);
    Path junk = Files.writeString(folder.resolve("junk"), "junk ".repeat(1000));
    assertNothingMade(request(junk, "a.gvmi"), ServiceException.Kind.USAGE, "no tar");
    Path climbing =
        Files.write(folder.resolve("climbing.tar"), new Layers().file("../etc/passwd", "x").tar());
    assertNothingMade(request(climbing, "a.gvmi"), ServiceException.Kind.USAGE, "climbs out");
    assertNothingMade(
        request(layout(), "a.gvmi"),
        "",
        SourceLimits.DEFAULT,
        ServiceException.Kind.USAGE,
        "install squashfs-tools");
  }

  @Test
  void damageFoundWhileReadingLeavesNoFile() throws Exception {
    Map<String, byte[]> files = new TreeMap<>(Sources.layout(List.of(layers().getFirst())));
    String largest =
        files.keySet().stream()
            .max((a, b) -> files.get(a).length - files.get(b).length)
            .orElseThrow();
    byte[] flipped = files.get(largest).clone();
    flipped[200_000] ^= 4; // in the content of a file: only the digest knows
    files.put(largest, flipped);
    Path source = Sources.folder(folder.resolve("bad"), files);
    assertNothingMade(
        request(source, "a.gvmi"), ServiceException.Kind.VERIFICATION, "not those of sha256:");
  }

  @Test
  void aToolThatFailsIsQuoted() throws Exception {
    Path tools = Files.createDirectories(folder.resolve("tools"));
    Path tool =
        Files.writeString(
            tools.resolve("sqfstar"), "#!/bin/sh\necho FATAL ERROR: not today >&2\nexit 1\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertNothingMade(
        request(layout(), "a.gvmi"),
        tools + ":" + PATH,
        SourceLimits.DEFAULT,
        ServiceException.Kind.INTERNAL,
        "sqfstar failed: FATAL ERROR: not today");
  }

  @Test
  void aJudgeStopsItBeforeAnythingIsWritten() throws Exception {
    BuildRequest request = request(layout(), "a.gvmi");
    assertThatThrownBy(() ->
            new ImageBuild(SourceLimits.DEFAULT, PATH, InputStream.nullInputStream())
                .build(
                    request,
                    findings -> {
                      throw new ServiceException(ServiceException.Kind.USAGE, "no");
                    },
                    (phase, done, total) -> {}))
        .hasMessage("no");
    assertThat(request.target()).doesNotExist();
  }

  @Test
  void listsOfUnsquashfsAreRead() {
    assertThat(
            ListedFile.parse(
                "crw-rw-rw- 0/0                   1,  3 2020-09-13 12:26 squashfs-root/dev/null"))
        .contains(new ListedFile("crw-rw-rw-", 0, 0, 0, "dev/null", ""));
    assertThat(
            ListedFile.parse(
                "lrwxrwxrwx 0/0                       7 2020-09-13 12:26 squashfs-root/a b -> c -> d"))
        .contains(new ListedFile("lrwxrwxrwx", 0, 0, 0, "a b", "c -> d"));
    assertThat(ListedFile.parse("Parallel unsquashfs: Using 2 processors")).isEmpty();
  }
}
