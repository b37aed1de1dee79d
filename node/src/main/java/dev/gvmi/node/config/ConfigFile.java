package dev.gvmi.node.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file that was read, or none.
 *
 * @param file null if there is none
 * @param lines where each key stands, 1-based
 */
public record ConfigFile(@Nullable Path file, Settings settings, Map<ConfigKey, Integer> lines) {
  /** No file: everything is as by default. */
  public static final ConfigFile NONE = new ConfigFile(null, Settings.NONE, Map.of());

  /** Bytes of a file at most. */
  public static final int MAX_BYTES = 64 << 10;

  public ConfigFile {
    lines = Map.copyOf(lines);
  }

  /**
   * Reads a file. {@link InvalidConfigException} if it is too large or says something that it may
   * not.
   */
  public static ConfigFile read(Path file) throws IOException, InvalidConfigException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InvalidConfigException(file + ": it has more than " + MAX_BYTES + " bytes");
      }
      return ConfigParser.parse(file, bytes);
    }
  }
}
