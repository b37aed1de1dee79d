package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of a few megabytes in memory, mounted on a folder: a disk that a test can fill. It
 * takes root.
 */
final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder and mounts a disk on it; the test is skipped where that is not allowed. */
  static SmallDisk mount(Path folder, long sizeBytes) throws IOException {
    Files.createDirectories(folder);
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + sizeBytes, "gvmi-p2p-test", folder.toString());
    if (!mounted) {
      // the report of a run does not say why
      System.err.println("a test is skipped: tmpfs cannot be mounted, which takes root");
    }
    assumeTrue(mounted, "tmpfs cannot be mounted, which takes root");
    return new SmallDisk(folder);
  }

  Path folder() {
    return folder;
  }

  void resize(long sizeBytes) {
    remount("size=" + sizeBytes);
  }

  /** Leaves so much free. */
  void shrinkTo(long freeBytes) throws IOException {
    FileStore store = Files.getFileStore(folder);
    resize(store.getTotalSpace() - store.getUsableSpace() + freeBytes);
  }

  void readOnly(boolean readOnly) {
    remount(readOnly ? "ro" : "rw");
  }

  private void remount(String option) {
    assertThat(run("mount", "-o", "remount," + option, folder.toString())).as(option).isTrue();
  }

  /** Leaves no byte free. */
  Path fill() throws IOException {
    Path ballast = folder.resolve("ballast");
    byte[] block = new byte[4096];
    try (var out = Files.newOutputStream(ballast)) {
      while (Files.getFileStore(folder).getUsableSpace() > 0) {
        out.write(block);
      }
    }
    return ballast;
  }

  @Override
  public void close() {
    boolean gone = run("umount", folder.toString()) || run("umount", "-l", folder.toString());
    assertThat(gone).as("unmounted %s", folder).isTrue();
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
