package dev.gvmi.bench.kill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What all stages have in common.
 *
 * @param work on the file system of the data directories
 * @param elsewhere a folder on another file system, where placing is a copy
 * @param seeder who has what is fetched
 */
record Ground(Path launcher, Path work, Path elsewhere, Daemon seeder, RandomGenerator random) {
  /** A runtime's cache on the file system of the data directories, where placing is a link. */
  Path cache() {
    return work.resolve("cache");
  }

  Daemon daemon(Path data, String... more) throws IOException {
    return Daemon.start(launcher, data, more);
  }

  /** Files below a folder that may change meanwhile; none if it is not there. */
  static List<Path> files(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return List.of();
    }
    while (true) {
      try (Stream<Path> files = Files.walk(folder)) {
        return files.filter(Files::isRegularFile).toList();
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
      } catch (NoSuchFileException e) {
        // it went while it was looked at: again
      }
    }
  }

  static List<Path> files(Path folder, String suffix) throws IOException {
    return files(folder).stream().filter(file -> file.toString().endsWith(suffix)).toList();
  }
}
