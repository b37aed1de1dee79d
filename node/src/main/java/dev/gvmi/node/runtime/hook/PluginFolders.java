package dev.gvmi.node.runtime.hook;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the Golem provider looks for descriptors of runtimes: {@code EXE_UNIT_PATH}, else {@code
 * plugins} beside ya-provider; and, because golemsp prefers it, {@code ~/.local/lib/yagna/plugins}.
 * {@code /usr/lib/yagna/plugins} if there is none of these.
 *
 * <p><b>Source:</b> yagna v0.17.6, agent/provider (--exe-unit-path), golem_cli/src/command.rs.
 *
 * @param folders that exist, or the one that was named
 * @param pattern of names of files
 */
record PluginFolders(List<Path> folders, String pattern) {
  private static final String USUAL = "ya-*.json";
  private static final Path SYSTEM = Path.of("/usr/lib/yagna/plugins");

  PluginFolders {
    folders = List.copyOf(folders);
  }

  static PluginFolders of(@Nullable Path named, Map<String, String> env, Path home) {
    if (named != null) {
      return new PluginFolders(List.of(named.toAbsolutePath().normalize()), USUAL);
    }
    Optional<PluginFolders> said = said(env.getOrDefault("EXE_UNIT_PATH", ""));
    if (said.isPresent()) {
      return said.get();
    }
    Set<Path> found = new LinkedHashSet<>();
    besideProvider(env.getOrDefault("PATH", "")).ifPresent(found::add);
    Path users = home.resolve(".local/lib/yagna/plugins");
    if (Files.isDirectory(users)) {
      found.add(users);
    }
    return new PluginFolders(found.isEmpty() ? List.of(SYSTEM) : List.copyOf(found), USUAL);
  }

  private static Optional<PluginFolders> said(String pattern) {
    try {
      Path path = Path.of(pattern);
      Path folder = path.getParent();
      return pattern.isBlank() || folder == null
          ? Optional.empty()
          : Optional.of(
              new PluginFolders(
                  List.of(folder.toAbsolutePath().normalize()),
                  String.valueOf(path.getFileName())));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> besideProvider(String searchPath) {
    for (String entry : searchPath.split(File.pathSeparator, -1)) {
      try {
        Path provider = Path.of(entry).resolve("ya-provider");
        if (!entry.isEmpty() && Files.isExecutable(provider)) {
          return Optional.of(provider.toRealPath().resolveSibling("plugins"))
              .filter(Files::isDirectory);
        }
      } catch (IOException | InvalidPathException e) {
        // Nothing that can be run.
      }
    }
    return Optional.empty();
  }

  /** The descriptors in them, sorted. */
  List<Path> descriptors() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
          files.forEach(all::add);
        }
      }
    }
    return all.stream().sorted().toList();
  }
}
