package dev.gvmi.cli.command;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the node keeps its files: the option, {@code $GVMI_P2P_HOME}, {@code $XDG_DATA_HOME}, or
 * the home folder.
 */
public final class DataDir {
  private DataDir() {}

  public static Path resolve(@Nullable Path option, Map<String, String> environment) {
    if (option != null) {
      return option.toAbsolutePath().normalize();
    }
    String own = environment.getOrDefault("GVMI_P2P_HOME", "");
    if (!own.isBlank()) {
      return Path.of(own).toAbsolutePath().normalize();
    }
    String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
    // The XDG specification says to ignore a relative path.
    if (xdg.startsWith("/")) {
      return Path.of(xdg, "gvmi-p2p").normalize();
    }
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
    return Path.of(home, ".local", "share", "gvmi-p2p").toAbsolutePath().normalize();
  }
}
