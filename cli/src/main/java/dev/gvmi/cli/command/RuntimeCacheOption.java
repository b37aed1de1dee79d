package dev.gvmi.cli.command;

import dev.gvmi.node.config.ConfigValues;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.runtime.RuntimeCache;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The option {@code --runtime-cache DIR|none}, shared by the commands that place images; more than
 * one folder may be named.
 */
final class RuntimeCacheOption {
  @Option(
      names = "--runtime-cache",
      paramLabel = "DIR|none",
      description =
          "Where the Golem runtime looks for images; may be given several times. Default: the provider's, if it exists.")
  private @Nullable List<Path> given;

  /**
   * As the node is configured, by the option, the file, or where the provider has it, if that is
   * there: null for nowhere.
   */
  @Nullable Path directory(CommandContext context) {
    List<Path> all = directories(context, false);
    return all.isEmpty() ? null : all.getFirst();
  }

  /**
   * The same, all of them.
   *
   * @param later whether the provider's folder counts before it is there
   */
  List<Path> directories(CommandContext context, boolean later) {
    List<String> said =
        given != null
            ? given.stream().map(Path::toString).toList()
            : context.settings().runtimeCache();
    if (said != null) {
      return folders(said);
    }
    Map<String, String> environment = context.environment();
    Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
    Optional<Path> usual =
        later
            ? RuntimeCache.usualDirectory(environment, home)
            : RuntimeCache.defaultDirectory(environment, home);
    return usual.stream().map(path -> absolute(path.toString())).toList();
  }

  private static List<Path> folders(List<String> said) {
    boolean none = said.contains(ConfigValues.NO_CACHE);
    if (said.size() > ConfigValues.MAX_CACHES || (none && said.size() > 1)) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          "--runtime-cache takes none alone, or at most " + ConfigValues.MAX_CACHES + " folders");
    }
    return none ? List.of() : said.stream().map(RuntimeCacheOption::absolute).distinct().toList();
  }

  boolean isGiven() {
    return given != null;
  }

  /** As a request says it, a folder in each line: null for "as the node is configured". */
  @Nullable String request() {
    if (given == null) {
      return null;
    }
    List<String> all =
        folders(given.stream().map(Path::toString).toList()).stream().map(Path::toString).toList();
    if (all.stream().anyMatch(folder -> folder.indexOf('\n') >= 0)) {
      throw new ServiceException(
          ServiceException.Kind.USAGE,
          "--runtime-cache takes no folder with a line break in its name");
    }
    return all.isEmpty() ? ConfigValues.NO_CACHE : String.join("\n", all);
  }

  private static Path absolute(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }
}
