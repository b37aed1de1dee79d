package dev.gvmi.cli.command;

import dev.gvmi.node.runtime.RuntimeCache;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --runtime-cache DIR|none}, shared by the commands that place images. */
final class RuntimeCacheOption {
  private static final String NONE = "none";

  @Option(
      names = "--runtime-cache",
      paramLabel = "DIR|none",
      description = "Where the Golem runtime looks for images. Default: the provider's, if it exists.")
  private @Nullable String text;

  /** As the node is configured: null for nowhere. */
  @Nullable Path directory(Map<String, String> environment) {
    if (text == null) {
      Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
      return RuntimeCache.defaultDirectory(environment, home).orElse(null);
    }
    return text.equals(NONE) ? null : absolute(text);
  }

  /** As a request says it: null for "as the node is configured". */
  @Nullable String request() {
    return text == null || text.equals(NONE) ? text : absolute(text).toString();
  }

  private static Path absolute(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }
}
