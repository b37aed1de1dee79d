package dev.gvmi.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which configuration file is read: the one that {@code --config} names; else the first that is
 * there of {@code config.toml} in the data directory and {@code gvmi-p2p/config.toml} in {@code
 * $XDG_CONFIG_HOME}, which is {@code ~/.config} by default. Never more than one.
 */
public final class ConfigPath {
  /** With {@code --config}: read no file. */
  private static final String NONE = "none";

  private static final String NAME = "config.toml";

  private ConfigPath() {}

  /** Empty for no file; the file of the option need not be there. */
  public static Optional<Path> resolve(
      @Nullable Path option, Path dataDir, Map<String, String> environment) {
    if (option != null) {
      return option.toString().equals(NONE)
          ? Optional.empty()
          : Optional.of(option.toAbsolutePath().normalize());
    }
    return List.of(dataDir.resolve(NAME), user(environment)).stream()
        .filter(Files::exists)
        .findFirst();
  }

  private static Path user(Map<String, String> environment) {
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    // The XDG specification says to ignore a relative path.
    if (xdg.startsWith("/")) {
      return Path.of(xdg, "gvmi-p2p", NAME).normalize();
    }
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
    return Path.of(home, ".config", "gvmi-p2p", NAME).toAbsolutePath().normalize();
  }
}
