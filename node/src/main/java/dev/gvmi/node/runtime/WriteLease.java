package dev.gvmi.node.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

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
  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int SIGURG = 23;

  private static final Optional<WriteLease> SYSTEM = load();

  private final MethodHandle open;
  private final MethodHandle fcntl;
  private final MethodHandle close;

  private WriteLease(MethodHandle open, MethodHandle fcntl, MethodHandle close) {
    this.open = open;
    this.fcntl = fcntl;
    this.close = close;
  }

  /**
   * Whether the kernel says that no process has the file open, this one included. False also where
   * it cannot say: no Linux, another's file, a network file system.
   */
  static boolean isGranted(Path file) {
    return SYSTEM.isPresent() && SYSTEM.get().tryTake(file);
  }

  private boolean tryTake(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      int descriptor = (int) open.invokeExact(path, O_RDONLY | O_CLOEXEC);
      if (descriptor < 0) {
        return false;
      }
      try {
        return (int) fcntl.invokeExact(descriptor, F_SETSIG, SIGURG) == 0
            && (int) fcntl.invokeExact(descriptor, F_SETLEASE, F_WRLCK) == 0
            && (int) fcntl.invokeExact(descriptor, F_SETLEASE, F_UNLCK) == 0;
      } finally {
        int ignored = (int) close.invokeExact(descriptor);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the system calls for a lease have another form here", e);
    }
  }

  @SuppressWarnings("restricted")
  private static Optional<WriteLease> load() {
    String machine = System.getProperty("os.arch", "");
    boolean known =
        machine.equals("amd64") || machine.equals("aarch64") || machine.equals("riscv64");
    if (!System.getProperty("os.name", "").equals("Linux") || !known) {
      return Optional.empty();
    }
    try {
      Linker linker = Linker.nativeLinker();
      FunctionDescriptor twoInts =
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT);
      return Optional.of(
          new WriteLease(
              linker.downcallHandle(
                  symbol(linker, "open"),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                  Linker.Option.firstVariadicArg(2)),
              linker.downcallHandle(
                  symbol(linker, "fcntl"), twoInts, Linker.Option.firstVariadicArg(2)),
              linker.downcallHandle(
                  symbol(linker, "close"),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))));
    } catch (NoSuchElementException | UnsupportedOperationException | IllegalCallerException e) {
      return Optional.empty(); // No such calls, or the JVM was started without native access.
    }
  }

  private static MemorySegment symbol(Linker linker, String name) {
    return linker.defaultLookup().findOrThrow(name);
  }
}
