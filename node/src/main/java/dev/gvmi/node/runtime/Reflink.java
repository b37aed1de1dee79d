package dev.gvmi.node.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * ioctl(2) FICLONE: a file that shares its blocks with another until one of them is written (btrfs,
 * XFS, bcachefs, ZFS). Called through the foreign function API, as the JDK has no call for it;
 * where that or the file system cannot, the answer is no.
 *
 * <p><b>Thread:</b> any.
 */
final class Reflink {
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int O_CLOEXEC = 0x80000;

  /** {@code _IOW(0x94, 9, int)} of linux/fs.h, where _IOW has its usual form. */
  private static final long FICLONE = 0x40049409L;

  private static final Optional<Reflink> SYSTEM = load();

  private final MethodHandle open;
  private final MethodHandle ioctl;
  private final MethodHandle close;

  private Reflink(MethodHandle open, MethodHandle ioctl, MethodHandle close) {
    this.open = open;
    this.ioctl = ioctl;
    this.close = close;
  }

  /**
   * Makes {@code to}, an existing empty file, a clone of {@code from}. False if that cannot be done
   * here; {@code to} is still empty then.
   */
  static boolean clone(Path from, Path to) {
    return SYSTEM.isPresent() && SYSTEM.get().tryClone(from, to);
  }

  private boolean tryClone(Path from, Path to) {
    try (Arena arena = Arena.ofConfined()) {
      int source = open(arena.allocateFrom(from.toString()), O_RDONLY | O_CLOEXEC);
      int target = open(arena.allocateFrom(to.toString()), O_WRONLY | O_CLOEXEC);
      try {
        return source >= 0 && target >= 0 && (int) ioctl.invokeExact(target, FICLONE, source) == 0;
      } finally {
        close(source);
        close(target);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the system calls for a reflink have another form here", e);
    }
  }

  private int open(MemorySegment path, int flags) throws Throwable {
    return (int) open.invokeExact(path, flags);
  }

  private void close(int descriptor) throws Throwable {
    if (descriptor >= 0) {
      int ignored = (int) close.invokeExact(descriptor);
    }
  }

  @SuppressWarnings("restricted")
  private static Optional<Reflink> load() {
    String machine = System.getProperty("os.arch", "");
    boolean known =
        machine.equals("amd64") || machine.equals("aarch64") || machine.equals("riscv64");
    if (!System.getProperty("os.name", "").equals("Linux") || !known) {
      return Optional.empty();
    }
    try {
      Linker linker = Linker.nativeLinker();
      Linker.Option variadic = Linker.Option.firstVariadicArg(2);
      return Optional.of(
          new Reflink(
              linker.downcallHandle(
                  symbol(linker, "open"),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                  variadic),
              linker.downcallHandle(
                  symbol(linker, "ioctl"),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_LONG,
                      ValueLayout.JAVA_INT),
                  variadic),
              linker.downcallHandle(
                  symbol(linker, "close"),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))));
    } catch (NoSuchElementException | UnsupportedOperationException | IllegalCallerException e) {
      return Optional.empty(); // No such calls, or the JVM was started without native access.
    }
  }

  private static MemorySegment symbol(Linker linker, String name) {
    SymbolLookup lookup = linker.defaultLookup();
    return lookup.findOrThrow(name);
  }
}
