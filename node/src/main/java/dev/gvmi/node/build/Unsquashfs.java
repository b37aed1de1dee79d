package dev.gvmi.node.build;

import dev.gvmi.node.advice.ListedFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code unsquashfs} of squashfs-tools, which lists what is in an image.
 *
 * <p><b>Thread:</b> any.
 */
public final class Unsquashfs {
  /** More than any image that {@link ImageBuild} makes has. */
  private static final int MAX_LINES = 4_000_000;

  private final Path tool;

  private Unsquashfs(Path tool) {
    this.tool = tool;
  }

  /** Empty if it is not installed. */
  public static Optional<Unsquashfs> find(String searchPath) {
    return Tool.find("unsquashfs", searchPath).map(Unsquashfs::new);
  }

  /**
   * Lists all of an image.
   *
   * @throws IOException with what the tool said, if it cannot read the image
   */
  public void list(Path image, Consumer<ListedFile> sink) throws IOException {
    Process process =
        new ProcessBuilder(List.of(tool.toString(), "-lln", image.toAbsolutePath().toString()))
            .redirectErrorStream(true)
            .start();
    String last = "it said nothing";
    try (BufferedReader lines = process.inputReader(java.nio.charset.StandardCharsets.UTF_8)) {
      int count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (++count > MAX_LINES) {
          throw new IOException("it lists more than " + MAX_LINES + " names");
        }
        Optional<ListedFile> file = ListedFile.parse(line);
        file.ifPresent(sink);
        last = file.isEmpty() && !line.isBlank() ? line.strip() : last;
      }
      if (process.waitFor() != 0) {
        throw new IOException("unsquashfs failed: " + last);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.nio.channels.ClosedByInterruptException();
    } finally {
      process.destroyForcibly();
    }
  }
}
