package dev.gvmi.node.trial;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.build.BuildRequest;
import dev.gvmi.node.build.BuildResult;
import dev.gvmi.node.build.Compressor;
import dev.gvmi.node.build.ImageBuild;
import dev.gvmi.node.build.Tool;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.oci.Layers;
import dev.gvmi.node.oci.Platform;
import dev.gvmi.node.oci.SourceLimits;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real machine, where there is what it takes. {@code GVMI_TEST_KERNEL} names a kernel that is not
 * in /boot.
 */
final class TrialIT {
  private static final String PATH = System.getenv().getOrDefault("PATH", "");
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String COMMAND =
      """
      pwd
      echo "$A.B"
      ls /work
      echo made > /work/new && cat /work/new
      echo over > /etc/motd && cat /etc/motd
      df -m / | tail -n 1
      dd if=/dev/zero of=/big bs=1M count=40 2>/dev/null || echo full
      echo to stderr >&2
      exit 7
      """;

  @TempDir private Path folder;

  private static Optional<Path> kernel() throws Exception {
    String named = System.getenv("GVMI_TEST_KERNEL");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    if (!Files.isDirectory(Path.of("/boot"))) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(Path.of("/boot"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("vmlinuz-.*cloud.*"))
          .findFirst();
    }
  }

  private static void needs(String tool, String toInstall) {
    assumeTrue(Tool.find(tool, PATH).isPresent(), tool + " is missing: install " + toInstall);
  }

  private Path image() throws Exception {
    byte[] busybox = Files.readAllBytes(Tool.find("busybox", PATH).orElseThrow());
    Layers root =
        new Layers()
            .folder("bin/", 0755)
            .file("bin/busybox", busybox, 0755)
            .folder("etc/", 0755)
            .file("etc/motd", "lower")
            .folder("work/", 0755)
            .file("work/hidden", "hidden");
    for (String applet : List.of("sh", "ls", "cat", "df", "tail", "dd")) {
      root.symlink("bin/" + applet, "busybox");
    }
    Path source = Files.write(folder.resolve("root.tar"), root.tar());
    BuildResult built =
        new ImageBuild(SourceLimits.DEFAULT, PATH, InputStream.nullInputStream())
            .build(
                new BuildRequest(
                    source,
                    folder.resolve("a, b.gvmi"),
                    new BuildRequest.Selection(Platform.GOLEM, null, null),
                    new BuildRequest.Overrides(List.of("/work"), List.of(), null, null),
                    new BuildRequest.Packing(Compressor.LZO, null, OptionalLong.empty())),
                findings -> {},
                (phase, done, total) -> {});
    return built.file();
  }

  private static TrialRequest request(Path image, @Nullable Path kernel) {
    ContainerConfig config =
        new ContainerConfig(
            List.of("PATH=/bin", "A=it's"),
            List.of(),
            List.of(),
            "/work",
            "",
            new TreeSet<>(List.of("/work")),
            new TreeSet<>(),
            "",
            "");
    return new TrialRequest(image, config, List.of("sh", "-c", COMMAND), 32, 256, LIMIT, kernel);
  }

  @Test
  void bootsAnImageUnderTheConditionsOfTheVm() throws Exception {
    needs("qemu-system-x86_64", "qemu-system-x86");
    needs("busybox", "busybox-static");
    needs("sqfstar", "squashfs-tools");
    assumeTrue(
        StaticProgram.is(Tool.find("busybox", PATH).orElseThrow()),
        "busybox needs libraries: install busybox-static");
    Optional<Path> kernel = kernel();
    assumeTrue(kernel.isPresent(), "no kernel: install linux-image-cloud-amd64");
    StringBuffer out = new StringBuffer();
    StringBuffer err = new StringBuffer();

    int code =
        new Trial(Map.of("PATH", PATH))
            .run(
                request(image(), kernel.get()),
                machine -> assertThat(machine.kernel()).contains("vmlinuz"),
                (bytes, length, errors) ->
                    (errors ? err : out).append(new String(bytes, 0, length, UTF_8)));

    assertThat(code).as("out: %s err: %s", out, err).isEqualTo(7);
    assertThat(err.toString()).isEqualTo("to stderr\n");
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.subList(0, 4)).containsExactly("/work", "it's.B", "made", "over");
    assertThat(lines.get(4)).contains("overlay").contains(" 32 ");
    assertThat(lines.get(5)).isEqualTo("full");
    assertThat(lines).hasSize(6);
  }

  @Test
  void whatIsMissingIsNamedWithHowToInstallIt() throws Exception {
    Path image = Files.writeString(folder.resolve("x.gvmi"), "x");
    assertMissing(
        Map.of("PATH", ""), image, "qemu-system-x86_64 is missing; install qemu-system-x86");
    Path tools = Files.createDirectories(folder.resolve("tools"));
    program(tools.resolve("qemu-system-x86_64"));
    assertMissing(
        Map.of("PATH", tools.toString()), image, "busybox is missing; install busybox-static");
    program(tools.resolve("busybox"));
    assertMissing(
        Map.of("PATH", tools.toString()), image, "busybox needs libraries; install busybox-static");
  }

  private static void program(Path file) throws Exception {
    Files.writeString(file, "#!/bin/sh\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static void assertMissing(Map<String, String> environment, Path image, String why) {
    assertThatThrownBy(() ->
            new Trial(environment)
                .run(request(image, null), machine -> {}, (bytes, length, errors) -> {}))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.kind()).isEqualTo(ServiceException.Kind.USAGE))
        .hasMessageContaining(why);
  }
}
