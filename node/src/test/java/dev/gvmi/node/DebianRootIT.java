package dev.gvmi.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.build.BuildRequest;
import dev.gvmi.node.build.Compressor;
import dev.gvmi.node.build.ImageBuild;
import dev.gvmi.node.build.Tool;
import dev.gvmi.node.build.Unsquashfs;
import dev.gvmi.node.oci.Layers;
import dev.gvmi.node.oci.Platform;
import dev.gvmi.node.oci.SourceLimits;
import dev.gvmi.node.oci.Sources;
import dev.gvmi.node.trial.Trial;
import dev.gvmi.node.trial.TrialRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Debian of real packages, a layer each, and a layer that takes some of it away: the image has
 * what {@code tar} and {@code rm} make of them, entry by entry, and boots. {@code
 * -Ddebian.packages} names a folder with the packages (base-files, libc6, dash, busybox, tzdata,
 * ...).
 */
final class DebianRootIT {
  private static final String PATH = System.getenv().getOrDefault("PATH", "");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path folder;
  private List<Path> packages = List.of();

  @BeforeEach
  void needsPackagesAndTools() throws IOException {
    String named = System.getProperty("debian.packages", "");
    assumeTrue(!named.isEmpty(), "no folder of Debian packages: name one with -Ddebian.packages");
    assumeTrue("root".equals(System.getProperty("user.name")), "only root unpacks owners");
    for (String tool : List.of("dpkg-deb", "tar", "sqfstar", "unsquashfs")) {
      assumeTrue(Tool.find(tool, PATH).isPresent(), tool + " is missing");
    }
    try (Stream<Path> files = Files.list(Path.of(named))) {
      packages = files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
    }
    assertThat(packages).hasSizeGreaterThan(4);
  }

  private static byte[] run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    return out;
  }

  private Path layout() throws Exception {
    List<byte[]> layers = new ArrayList<>();
    for (Path file : packages) {
      layers.add(run("dpkg-deb", "--fsys-tarfile", file.toString()));
    }
    layers.add(
        new Layers()
            .file("etc/.wh.issue", "")
            .file("usr/share/zoneinfo/.wh.Europe", "")
            .folder("usr/share/doc/", 0750)
            .file("usr/share/doc/.wh..wh..opq", "")
            .file("usr/share/doc/only-this", "one")
            .folder("golem/", 0755)
            .folder("golem/work/", 0755)
            .tar());
    return Sources.folder(folder.resolve("oci"), Sources.layout(layers));
  }

  /** What tools of others make of the same packages. */
  private Path expected() throws Exception {
    Path root = Files.createDirectories(folder.resolve("expected"));
    for (Path file : packages) {
      Path tar =
          Files.write(
              folder.resolve("one.tar"), run("dpkg-deb", "--fsys-tarfile", file.toString()));
      run("tar", "--same-owner", "-xpf", tar.toString(), "-C", root.toString());
    }
    run(
        "rm",
        "-r",
        root + "/etc/issue",
        root + "/usr/share/zoneinfo/Europe",
        root + "/usr/share/doc");
    run("mkdir", "-p", "-m", "750", root + "/usr/share/doc");
    Files.writeString(root.resolve("usr/share/doc/only-this"), "one");
    run("mkdir", "-p", "-m", "755", root + "/golem/work");
    return root;
  }

  private static String line(Path root, Path file) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(file, "unix:mode,uid,gid,size", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) unix.get("mode");
    boolean link = Files.isSymbolicLink(file);
    boolean isFile = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    return String.format(
        Locale.ROOT,
        "%o %s/%s %d %s%s",
        link ? 0777 : mode & 07777,
        unix.get("uid"),
        unix.get("gid"),
        isFile ? (Long) unix.get("size") : 0,
        root.relativize(file),
        link ? " -> " + Files.readSymbolicLink(file) : "");
  }

  private static List<String> tree(Path root) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
        if (!file.equals(root)) {
          lines.add(line(root, file));
        }
      }
    }
    return lines;
  }

  private static int octal(String mode) {
    int bits = 0;
    for (int i = 1; i < 10; i++) {
      char c = mode.charAt(i);
      bits |= c != '-' && c != 'S' && c != 'T' ? 1 << (9 - i) : 0;
    }
    bits |= "sS".indexOf(mode.charAt(3)) >= 0 ? 04000 : 0;
    bits |= "sS".indexOf(mode.charAt(6)) >= 0 ? 02000 : 0;
    return bits | ("tT".indexOf(mode.charAt(9)) >= 0 ? 01000 : 0);
  }

  private static List<String> listing(Path image) throws IOException {
    List<String> lines = new ArrayList<>();
    Unsquashfs.find(PATH)
        .orElseThrow()
        .list(
            image,
            file -> {
              if (!file.path().isEmpty()) {
                lines.add(
                    String.format(
                        Locale.ROOT,
                        "%o %d/%d %d %s%s",
                        octal(file.mode()),
                        file.uid(),
                        file.gid(),
                        file.mode().startsWith("-") ? file.sizeBytes() : 0,
                        file.path(),
                        file.link().isEmpty() ? "" : " -> " + file.link()));
              }
            });
    return lines;
  }

  private Path build() throws Exception {
    return new ImageBuild(SourceLimits.DEFAULT, PATH, InputStream.nullInputStream())
        .build(
            new BuildRequest(
                layout(),
                folder.resolve("debian.gvmi"),
                new BuildRequest.Selection(Platform.GOLEM, null, null),
                new BuildRequest.Overrides(List.of("/golem/work"), List.of(), null, null),
                new BuildRequest.Packing(Compressor.LZO, null, OptionalLong.empty())),
            findings -> {},
            (phase, done, total) -> {})
        .file();
  }

  @Test
  void hasWhatTheToolsOfOthersMakeOfItEntryByEntry() throws Exception {
    Path image = build();
    Path expected = expected();
    assertThat(listing(image))
        .hasSizeGreaterThan(1000)
        .containsExactlyInAnyOrderElementsOf(tree(expected));

    Path unpacked = folder.resolve("unpacked");
    run("unsquashfs", "-no-progress", "-quiet", "-d", unpacked.toString(), image.toString());
    run("diff", "-r", "--no-dereference", expected.toString(), unpacked.toString());
  }

  @Test
  void boots() throws Exception {
    Optional<Path> kernel = kernel();
    assumeTrue(Tool.find("qemu-system-x86_64", PATH).isPresent(), "qemu-system-x86 is missing");
    assumeTrue(Tool.find("busybox", PATH).isPresent(), "busybox-static is missing");
    assumeTrue(kernel.isPresent(), "no kernel: install linux-image-cloud-amd64");
    StringBuffer out = new StringBuffer();
    ContainerConfig config =
        new ContainerConfig(
            List.of("PATH=/bin:/usr/bin"),
            List.of(),
            List.of(),
            "/golem/work",
            "",
            new TreeSet<>(List.of("/golem/work")),
            new TreeSet<>(),
            "",
            "");
    String command =
        "pwd; . /etc/os-release; echo $ID; busybox ls /usr/share/doc; busybox ls /usr/share/zoneinfo/Europe || echo gone";
    int code =
        new Trial(Map.of("PATH", PATH))
            .run(
                new TrialRequest(
                    build(),
                    config,
                    List.of("/bin/dash", "-c", command),
                    32,
                    256,
                    LIMIT,
                    kernel.get()),
                machine -> {},
                (bytes, length, errors) ->
                    out.append(errors ? "" : new String(bytes, 0, length, UTF_8)));
    assertThat(code).as(out.toString()).isZero();
    assertThat(out.toString().lines())
        .containsExactly("/golem/work", "debian", "only-this", "gone");
  }

  private static Optional<Path> kernel() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/boot"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("vmlinuz-.*cloud.*"))
          .findFirst();
    }
  }
}
