package dev.gvmi.node.trial;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one machine, in a folder that only this user may enter and that goes away with it.
 */
record MachineFolder(Path folder) implements AutoCloseable {
  private static final int MAX_LOG_BYTES = 1 << 20;

  @MustBeClosed
  static MachineFolder make() throws IOException {
    return new MachineFolder(Files.createTempDirectory("gvmi-try"));
  }

  Path disk() {
    return folder.resolve("initrd");
  }

  Path console() {
    return folder.resolve("console.log");
  }

  Path errors() {
    return folder.resolve("emulator.log");
  }

  Path port(String name) {
    return folder.resolve(name + ".sock");
  }

  /** Whether anything was heard of the machine. */
  boolean booted() throws IOException {
    return Files.exists(console()) && Files.size(console()) > 0;
  }

  /** The last line of the kernel, or of the emulator if there is none. */
  String lastWords() throws IOException {
    for (Path log : List.of(console(), errors())) {
      if (Files.exists(log)) {
        try (InputStream in = Files.newInputStream(log)) {
          String text = new String(in.readNBytes(MAX_LOG_BYTES), StandardCharsets.UTF_8);
          List<String> lines =
              text.lines()
                  .map(line -> line.replaceAll("\\p{Cntrl}", "").strip())
                  .filter(line -> !line.isEmpty() && !line.equals(GuestScripts.UP))
                  .toList();
          if (!lines.isEmpty()) {
            return lines.getLast();
          }
        }
      }
    }
    return "none";
  }

  @Override
  public void close() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}
