package dev.gvmi.node.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a daemon is reached: {@code control.json} in its data directory, mode 0600, there while the
 * daemon runs.
 *
 * @param port on 127.0.0.1
 * @param token what a caller has to know
 * @param pid of the daemon
 */
record ControlFile(int port, String token, long pid) {
  private static final String NAME = "control.json";
  private static final int MAX_BYTES = 4096;

  /** Empty if there is none, or it cannot be understood. */
  static Optional<ControlFile> read(Path dataDir) {
    Path file = path(dataDir);
    try {
      if (Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      return parse(Files.readAllBytes(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<ControlFile> parse(byte[] json) {
    try {
      // to a record it would take a command 15 ms longer
      JsonNode file = JsonMapper.shared().readTree(json);
      return Optional.of(
              new ControlFile(
                  file.path("port").asInt(0),
                  file.path("token").asString(""),
                  file.path("pid").asLong(0)))
          .filter(ControlFile::isValid);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** The token goes into a header, so it is letters and digits. */
  private boolean isValid() {
    return port >= 1 && port <= 65535 && pid >= 1 && token.matches("[0-9a-zA-Z]{1,256}");
  }

  void write(Path dataDir) throws IOException {
    Path fresh = dataDir.resolve(NAME + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(JsonMapper.shared().writeValueAsBytes(this));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
    Files.move(fresh, path(dataDir), StandardCopyOption.ATOMIC_MOVE);
  }

  static void delete(Path dataDir) throws IOException {
    Files.deleteIfExists(path(dataDir));
  }

  static boolean exists(Path dataDir) {
    return Files.exists(path(dataDir));
  }

  private static Path path(Path dataDir) {
    return dataDir.resolve(NAME);
  }
}
