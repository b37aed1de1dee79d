package dev.gvmi.node.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * An open file with the system calls of Linux that the JDK has none for, through the foreign
 * function API.
 *
 * <p><b>Thread:</b> any.
 */
final class LinuxFile implements AutoCloseable {
  /** How it is opened. */
  enum Mode {
    READ(0),
    WRITE(1);

    private final int flag;

    Mode(int flag) {
      this.flag = flag;
    }
  }

  private static final int O_CLOEXEC = 0x80000;
  private static final Optional<Calls> CALLS = load();

  private final Calls calls;
  private final int descriptor;

  private record Calls(
      MethodHandle open, MethodHandle ioctl, MethodHandle fcntl, MethodHandle close) {}

  private LinuxFile(Calls calls, int descriptor) {
    this.calls = calls;
    this.descriptor = descriptor;
  }

  /** Empty if the file cannot be opened so, or if this is no Linux with calls of the known form. */
  static Optional<LinuxFile> open(Path file, Mode mode) {
    return CALLS
        .map(calls -> new LinuxFile(calls, open(calls, file, mode.flag | O_CLOEXEC)))
        .filter(open -> open.descriptor >= 0);
  }

  private static int open(Calls calls, Path file, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) calls.open.invokeExact(arena.allocateFrom(file.toString()), flags);
    } catch (Throwable e) {
      throw otherForm("open", e);
    }
  }

  /** ioctl(2) whose argument is another file; whether it was done. */
  boolean ioctl(long request, LinuxFile argument) {
    try {
      return (int) calls.ioctl.invokeExact(descriptor, request, argument.descriptor) == 0;
    } catch (Throwable e) {
      throw otherForm("ioctl", e);
    }
  }

  /** fcntl(2); whether it was done. */
  boolean fcntl(int command, int argument) {
    try {
      return (int) calls.fcntl.invokeExact(descriptor, command, argument) == 0;
    } catch (Throwable e) {
      throw otherForm("fcntl", e);
    }
  }

  @Override
  public void close() {
    try {
      int ignored = (int) calls.close.invokeExact(descriptor);
    } catch (Throwable e) {
      throw otherForm("close", e);
    }
  }

  private static IllegalStateException otherForm(String call, Throwable e) {
    return new IllegalStateException("the system call " + call + " has another form here", e);
  }

  private static Optional<Calls> load() {
    String machine = System.getProperty("os.arch", "");
    boolean known =
        machine.equals("amd64") || machine.equals("aarch64") || machine.equals("riscv64");
    if (!System.getProperty("os.name", "").equals("Linux") || !known) {
      return Optional.empty();
    }
    try {
      ValueLayout.OfInt i = ValueLayout.JAVA_INT;
      Linker.Option variadic = Linker.Option.firstVariadicArg(2);
      return Optional.of(
          new Calls(
              call("open", FunctionDescriptor.of(i, ValueLayout.ADDRESS, i), variadic),
              call("ioctl", FunctionDescriptor.of(i, i, ValueLayout.JAVA_LONG, i), variadic),
              call("fcntl", FunctionDescriptor.of(i, i, i, i), variadic),
              call("close", FunctionDescriptor.of(i, i))));
    } catch (NoSuchElementException | UnsupportedOperationException | IllegalCallerException e) {
      return Optional.empty(); // No such calls, or the JVM was started without native access.
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, FunctionDescriptor form, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form, options);
  }
}
