package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.protocol.image.ImageTrailer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/** Images that a test publishes. */
final class SampleImage {
  private static final String TRAILER = "{\"Cmd\":[\"sh\"],\"Volumes\":{\"/golem/work\":{}}}";

  private SampleImage() {}

  /** A real squashfs of random bytes; the test is skipped where {@code mksquashfs} is missing. */
  static Path squashed(Path folder, int sizeBytes) throws Exception {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(bin -> Files.isExecutable(Path.of(bin, "mksquashfs")));
    if (!there) {
      // the report of a run does not say why
      System.err.println("a test of NodesIT is skipped: mksquashfs is missing");
    }
    assumeTrue(there, "mksquashfs is missing: install squashfs-tools");
    Path root = Files.createDirectories(folder.resolve("root"));
    byte[] content = new byte[sizeBytes];
    new Random(sizeBytes).nextBytes(content);
    Files.write(root.resolve("blob"), content);
    Path image = folder.resolve("image.gvmi");
    Process tool =
        new ProcessBuilder(
                "mksquashfs",
                root.toString(),
                image.toString(),
                "-noappend",
                "-no-progress",
                "-noD")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("mksquashfs.log").toFile())
            .start();
    assertThat(tool.waitFor()).isZero();
    byte[] trailer = new byte[new ImageTrailer(TRAILER).encode().remaining()];
    new ImageTrailer(TRAILER).encode().get(trailer);
    try (OutputStream out = Files.newOutputStream(image, StandardOpenOption.APPEND)) {
      out.write(trailer);
    }
    return image;
  }

  /** The small image that comes with the program. */
  static Path small(Path folder) throws IOException {
    Path image = folder.resolve("small.gvmi");
    try (InputStream in =
        Objects.requireNonNull(SampleImage.class.getResourceAsStream("/demo.gvmi"))) {
      Files.copy(in, image);
    }
    return image;
  }
}
