package dev.gvmi.node.build;

import com.google.errorprone.annotations.MustBeClosed;
import dev.gvmi.node.tar.TarEntry;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code sqfstar} of squashfs-tools, running: a tar goes in, a squashfs file comes out. Where a
 * compressor is told a level it is {@code mksquashfs -tar}, the same program in another form:
 * sqfstar 4.5 refuses every level.
 *
 * <p>What it makes follows from the tar alone: its environment is empty but for SOURCE_DATE_EPOCH,
 * the latest time of the tar, which bounds the two times that it takes from the clock; the number
 * of processors does not matter to it.
 *
 * <p><b>Thread:</b> one.
 */
final class Sqfstar implements AutoCloseable {
  static final String NAME = "sqfstar";
  static final String WITH_LEVEL = "mksquashfs";

  private static final int PIPE_BYTES = 1 << 18;
  private static final int MAX_LOG_BYTES = 1 << 16;

  private final Process process;
  private final Path log;
  private final OutputStream in;

  private Sqfstar(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.in = new BufferedOutputStream(process.getOutputStream(), PIPE_BYTES);
  }

  @MustBeClosed
  static Sqfstar start(
      Path tool, Path target, List<String> compression, TarEntry root, long latestSeconds)
      throws IOException {
    Path log = Files.createTempFile("gvmi-sqfstar", ".log");
    boolean plain = String.valueOf(tool.getFileName()).equals(NAME);
    List<String> command = new ArrayList<>(List.of(tool.toString()));
    if (!plain) {
      command.addAll(List.of("-", target.toString(), "-tar"));
    }
    command.addAll(compression);
    command.addAll(List.of("-no-progress", "-exit-on-error", "-reproducible"));
    command.addAll(List.of("-root-mode", Integer.toOctalString(root.mode())));
    command.addAll(
        List.of("-root-uid", Long.toString(root.uid()), "-root-gid", Long.toString(root.gid())));
    if (plain) {
      command.add(target.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().put("SOURCE_DATE_EPOCH", Long.toString(latestSeconds));
    try {
      return new Sqfstar(builder.start(), log);
    } catch (IOException e) {
      Files.deleteIfExists(log);
      throw e;
    }
  }

  /** Where the tar goes; writing fails when the tool has given up. */
  OutputStream in() {
    return in;
  }

  /** Waits for its end. False if it failed. */
  boolean finish() throws InterruptedException {
    try {
      in.close();
    } catch (IOException gaveUp) {
      return false;
    }
    return process.waitFor() == 0;
  }

  /** The last line that it said. */
  String lastWords() {
    process.destroy();
    try (var stream = Files.newInputStream(log)) {
      String said =
          new String(stream.readNBytes(MAX_LOG_BYTES), java.nio.charset.StandardCharsets.UTF_8);
      List<String> lines = said.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
      return lines.reversed().stream()
          .filter(line -> line.contains("FATAL") || line.contains("No space"))
          .findFirst()
          .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
    } catch (IOException e) {
      return "what it said cannot be read: " + e.getMessage();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      log.toFile().deleteOnExit();
    }
  }
}
