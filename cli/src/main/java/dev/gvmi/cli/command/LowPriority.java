package dev.gvmi.cli.command;

import dev.gvmi.node.control.ServiceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes this process one that others go before: its threads get nice 10, and the disk when nobody
 * else wants it. Threads that they start inherit both.
 *
 * <p>By renice(1) and ionice(1) of util-linux, as Java has no call for it, and per thread, as Linux
 * has priorities of threads only.
 */
final class LowPriority {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** A thread that is started by one that was not seen yet is found by the next look. */
  private static final int LOOKS = 2;

  private LowPriority() {}

  static void take() {
    for (int look = 0; look < LOOKS; look++) {
      List<String> threads = threads();
      run(List.of("renice", "-n", "10", "-p"), threads);
      run(List.of("ionice", "-c", "3", "-p"), threads);
    }
  }

  private static List<String> threads() {
    List<String> ids = new ArrayList<>();
    if (Files.isDirectory(THREADS)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(THREADS)) {
        all.forEach(thread -> ids.add(String.valueOf(thread.getFileName())));
      } catch (IOException e) {
        throw failed("the threads of this process cannot be listed: " + e);
      }
    }
    if (ids.isEmpty()) {
      throw failed("this system does not show the threads of a process");
    }
    return ids;
  }

  /**
   * What a thread that ended meanwhile makes of the exit code counts for nothing: whether the tool
   * is there and runs is what is asked.
   */
  private static void run(List<String> tool, List<String> threads) {
    List<String> command = new ArrayList<>(tool);
    command.addAll(threads);
    try {
      new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw failed(tool.getFirst() + " is needed, of util-linux: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ServiceException.Kind.INTERRUPTED, "interrupted", e);
    }
  }

  private static ServiceException failed(String why) {
    return new ServiceException(
        ServiceException.Kind.USAGE,
        "cannot run with low priority: " + why + "; leave out --low-priority");
  }
}
