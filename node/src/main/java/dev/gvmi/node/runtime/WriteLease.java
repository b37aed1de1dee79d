package dev.gvmi.node.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * fcntl(2) F_SETLEASE: the kernel grants a write lease on a file only while nobody else has it
 * open, in whatever process. It is asked for and given back at once.
 *
 * <p>An open that comes in between would be told to the holder by SIGIO, which ends a process that
 * does not expect it: so the signal is first made one that is ignored.
 *
 * <p><b>Thread:</b> any.
 */
final class WriteLease {
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int SIGURG = 23;

  private WriteLease() {}

  /**
   * Whether the kernel says that no process has the file open, this one included. False also where
   * it cannot say: no Linux, another's file, a network file system.
   */
  static boolean isGranted(Path path) {
    try (@Nullable LinuxFile file = LinuxFile.open(path, LinuxFile.Mode.READ).orElse(null)) {
      return file != null
          && file.fcntl(F_SETSIG, SIGURG)
          && file.fcntl(F_SETLEASE, F_WRLCK)
          && file.fcntl(F_SETLEASE, F_UNLCK);
    }
  }
}
