package dev.gvmi.node.oci;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gvmi.node.tar.ByteText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * llistxattr(2) and lgetxattr(2), of all name spaces: the JDK shows only {@code user.*}. Called
 * through the foreign function API.
 *
 * <p><b>Thread:</b> any.
 */
final class ExtendedAttributes {
  /** The kernel's own bound of a list and of a value. */
  private static final int MAX_BYTES = 1 << 16;

  /** Labels of the machine on which the folder lies, and not of the image. */
  private static final String LOCAL = "security.selinux";

  private static final Optional<ExtendedAttributes> SYSTEM = load();

  private final MethodHandle list;
  private final MethodHandle get;

  private ExtendedAttributes(MethodHandle list, MethodHandle get) {
    this.list = list;
    this.get = get;
  }

  @SuppressWarnings("restricted")
  private static Optional<ExtendedAttributes> load() {
    Linker linker = Linker.nativeLinker();
    var lookup = linker.defaultLookup();
    var list = lookup.find("llistxattr");
    var get = lookup.find("lgetxattr");
    if (list.isEmpty() || get.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ExtendedAttributes(
            linker.downcallHandle(
                list.get(), FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG)),
            linker.downcallHandle(
                get.get(),
                FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG))));
  }

  /** Name to value; empty where the file system or the machine has none. */
  static SortedMap<String, String> of(Path file) throws IOException {
    return SYSTEM.isPresent() ? SYSTEM.get().read(file) : new TreeMap<>();
  }

  private SortedMap<String, String> read(Path file) throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      MemorySegment names = arena.allocate(MAX_BYTES);
      long length = (long) list.invokeExact(path, names, (long) MAX_BYTES);
      MemorySegment value = length > 0 ? arena.allocate(MAX_BYTES) : names;
      for (long at = 0; at < length; ) {
        String name = names.getString(at);
        MemorySegment key = names.asSlice(at);
        long bytes = (long) get.invokeExact(path, key, value, (long) MAX_BYTES);
        if (bytes >= 0 && !name.equals(LOCAL)) {
          all.put(ByteText.fromUtf8(name), text(value, (int) bytes));
        }
        at += name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length + 1;
      }
    } catch (Throwable e) {
      throw new IOException("cannot read the extended attributes of " + file, e);
    }
    return all;
  }

  private static String text(MemorySegment value, int length) {
    byte[] bytes = value.asSlice(0, length).toArray(JAVA_BYTE);
    return ByteText.of(bytes, 0, length);
  }
}
