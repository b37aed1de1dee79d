package dev.gvmi.node.build;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A program of the system. */
public final class Tool {
  private Tool() {}

  /** The first of this name in the folders of {@code PATH}. */
  public static Optional<Path> find(String name, String path) {
    for (String folder : path.split(":", -1)) {
      Path tool = Path.of(folder.isEmpty() ? "." : folder, name).toAbsolutePath();
      if (Files.isRegularFile(tool) && Files.isExecutable(tool)) {
        return Optional.of(tool);
      }
    }
    return Optional.empty();
  }
}
