package dev.gvmi.bench.line;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * A network device of Linux whose packets this program sends and receives. It goes when the process
 * ends, in whatever namespace it is.
 *
 * <p><b>Thread:</b> one reads, one writes.
 *
 * <p><b>Source:</b> linux/Documentation/networking/tuntap.rst; numbers from linux/if_tun.h.
 */
final class TunDevice {
  private static final int O_RDWR = 2;
  private static final int TUNSETIFF = 0x400454ca;
  private static final short IFF_TUN = 0x0001;
  private static final short IFF_NO_PI = 0x1000;
  private static final int NAME_BYTES = 16;
  private static final int REQUEST_BYTES = 40;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle IOCTL =
      function(
          "ioctl",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle READ = transfer("read");
  private static final MethodHandle WRITE = transfer("write");

  private final int descriptor;

  private TunDevice(int descriptor) {
    this.descriptor = descriptor;
  }

  private static MethodHandle transfer(String name) {
    return function(
        name,
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG));
  }

  @SuppressWarnings("restricted") // by an option of the program that runs it
  private static MethodHandle function(
      String name, FunctionDescriptor shape, Linker.Option... options) {
    SymbolLookup symbols = LINKER.defaultLookup();
    return LINKER.downcallHandle(symbols.findOrThrow(name), shape, options);
  }

  /** A new device of that name, which is down and in this namespace. */
  static TunDevice make(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length >= NAME_BYTES) {
      throw new IOException(name + " is too long for a device");
    }
    try (Arena arena = Arena.ofConfined()) {
      int descriptor = (int) OPEN.invokeExact(arena.allocateFrom("/dev/net/tun"), O_RDWR);
      MemorySegment request = arena.allocate(REQUEST_BYTES);
      MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
      request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, (short) (IFF_TUN | IFF_NO_PI));
      if (descriptor < 0 || (int) IOCTL.invokeExact(descriptor, (long) TUNSETIFF, request) < 0) {
        throw new IOException(
            "cannot make the device " + name + ": that needs root and /dev/net/tun");
      }
      return new TunDevice(descriptor);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a native function throws nothing", e);
    }
  }

  /** Waits for a packet; its bytes, or less than 1. */
  int read(MemorySegment target) {
    return transfer(READ, target, target.byteSize());
  }

  /** A packet that the device does not take, because it is down, is lost. */
  void write(MemorySegment source, int bytes) {
    transfer(WRITE, source, bytes);
  }

  private int transfer(MethodHandle function, MemorySegment memory, long bytes) {
    try {
      return (int) (long) function.invokeExact(descriptor, memory, bytes);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a native function throws nothing", e);
    }
  }
}
