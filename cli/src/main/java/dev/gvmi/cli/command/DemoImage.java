package dev.gvmi.cli.command;

import dev.gvmi.protocol.image.ImageTrailer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The image of the demonstration: real files of this machine if {@code mksquashfs} is there, else a
 * small one of ours.
 */
record DemoImage(Path file, String description) {
  private static final long MIN_IMAGE_BYTES = 32L << 20;
  private static final long FIRST_INPUT_BYTES = 96L << 20;
  private static final long MAX_INPUT_BYTES = 768L << 20;
  private static final String TRAILER =
      "{\"Hostname\":\"\",\"Domainname\":\"\",\"Env\":[\"PATH=/usr/bin:/bin\"],\"Cmd\":[\"sh\"],"
          + "\"Volumes\":{\"/golem/work\":{}},\"WorkingDir\":\"/golem/work\",\"Entrypoint\":null}";

  static DemoImage make(Path folder, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path file = folder.resolve("demo.gvmi");
    Optional<Path> tool = tool(environment);
    for (long input = FIRST_INPUT_BYTES; tool.isPresent() && input <= MAX_INPUT_BYTES; input *= 2) {
      List<Path> files = gather(input);
      if (!squash(tool.get(), files, file)) {
        break;
      }
      if (Files.size(file) >= MIN_IMAGE_BYTES || input * 2 > MAX_INPUT_BYTES) {
        append(file);
        return new DemoImage(
            file, describe(file, files.size() + " files of this machine, by mksquashfs"));
      }
    }
    return bundled(file);
  }

  private static DemoImage bundled(Path file) throws IOException {
    try (InputStream in = DemoImage.class.getResourceAsStream("/demo.gvmi")) {
      if (in == null) {
        throw new IOException("the image that comes with the program is missing: build it again");
      }
      Files.deleteIfExists(file);
      Files.copy(in, file);
    }
    return new DemoImage(
        file, describe(file, "the small one that comes along; mksquashfs would make a larger"));
  }

  private static String describe(Path file, String from) throws IOException {
    return String.format(Locale.ROOT, "%.1f MB, %s", Files.size(file) / 1e6, from);
  }

  private static void append(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer trailer = new ImageTrailer(TRAILER).encode();
      while (trailer.hasRemaining()) {
        int written = channel.write(trailer);
        assert written >= 0;
      }
    }
  }

  private static Optional<Path> tool(Map<String, String> environment) {
    for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
      Path tool = Path.of(folder.isEmpty() ? "." : folder, "mksquashfs");
      if (Files.isExecutable(tool)) {
        return Optional.of(tool);
      }
    }
    return Optional.empty();
  }

  private static boolean squash(Path tool, List<Path> files, Path target)
      throws IOException, InterruptedException {
    Path list = target.resolveSibling("mksquashfs.log");
    List<String> command = new ArrayList<>();
    command.add(tool.toString());
    files.forEach(f -> command.add(f.toString()));
    command.addAll(List.of(target.toString(), "-noappend", "-no-progress", "-all-root"));
    command.addAll(List.of("-comp", "gzip", "-Xcompression-level", "1"));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(list.toFile()).start();
    try {
      return process.waitFor() == 0;
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Regular files from the JDK and the system, until there are enough bytes; at most 2,000 of them.
   */
  private static List<Path> gather(long bytes) throws IOException {
    Gathering gathering = new Gathering(bytes);
    for (String root : List.of(System.getProperty("java.home", ""), "/usr/bin", "/usr/lib")) {
      if (!root.isEmpty() && Files.isDirectory(Path.of(root))) {
        Files.walkFileTree(Path.of(root), gathering);
      }
    }
    return gathering.files;
  }

  private static final class Gathering extends SimpleFileVisitor<Path> {
    private static final int MAX_FILES = 2_000;
    private final List<Path> files = new ArrayList<>();
    private long left;

    Gathering(long bytes) {
      this.left = bytes;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && attributes.size() > 0 && Files.isReadable(file)) {
        files.add(file);
        left -= attributes.size();
      }
      return left <= 0 || files.size() >= MAX_FILES
          ? FileVisitResult.TERMINATE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
