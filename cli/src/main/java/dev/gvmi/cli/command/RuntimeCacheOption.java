package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.runtime.RuntimeCache;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --runtime-cache DIR|none}, shared by the commands that place images. */
final class RuntimeCacheOption {
  @Option(
      names = "--runtime-cache",
      paramLabel = "DIR|none",
      description = "Where the Golem runtime looks for images. Default: the provider's, if it exists.")
  private @Nullable Path given;

  /** As the node is configured, by the option, the file, or where the provider has it: null for nowhere. */
  @Nullable Path directory(CommandContext context) {
    String said = given != null ? given.toString() : context.settings().runtimeCache();
    if (said == null) {
      Map<String, String> environment = context.environment();
      Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
      return RuntimeCache.defaultDirectory(environment, home).orElse(null);
    }
    return said.equals(ConfigValues.NO_CACHE) ? null : absolute(said);
  }

  boolean isGiven() {
    return given != null;
  }

  /** As a request says it: null for "as the node is configured". */
  @Nullable String request() {
    if (given == null) {
      return null;
    }
    String said = given.toString();
    return said.equals(ConfigValues.NO_CACHE) ? said : absolute(said).toString();
  }

  private static Path absolute(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }
}
