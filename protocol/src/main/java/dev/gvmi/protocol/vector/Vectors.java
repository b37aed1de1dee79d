package dev.gvmi.protocol.vector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.util.Objects;
import jdk.incubator.vector.VectorShape;

/**
 * The vectors that this Java has, and classes that use them.
 *
 * <p>They need the module {@code jdk.incubator.vector}. A Java that is told to start with it says
 * so on the console of every command, whether it hashes or not. So it is loaded here when it is
 * first wanted, as the JDK loads its own agents, which the launcher permits ({@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED}) together with {@code -XX:+EnableVectorSupport},
 * without which the JIT takes vectors for objects. Where any of it is missing, there are none; nor
 * are there with {@code -Dgvmi.vectors=false}: the build's AOT caches can hold no class of the
 * module.
 *
 * <p>The JIT makes vector instructions of a class only if it knows the shape of its vectors as a
 * constant: so there is a copy of the class for each shape, which has it as a static constant.
 *
 * <p><b>Thread:</b> any.
 */
public final class Vectors {
  private static final String MODULE = "jdk.incubator.vector";

  private Vectors() {}

  /** Loads the module once. */
  private static final class Loaded {
    private static final boolean LOADED = load();

    private static boolean load() {
      if (!Boolean.parseBoolean(System.getProperty("gvmi.vectors", "true"))) {
        return false;
      }
      if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
        return true;
      }
      try {
        Class.forName("jdk.internal.module.Modules")
            .getMethod("loadModule", String.class)
            .invoke(null, MODULE);
        return true;
      } catch (ReflectiveOperationException e) {
        return false;
      }
    }
  }

  /** Whether vectors can be used at all; nothing else of this class may be called if not. */
  public static boolean areThere() {
    return Loaded.LOADED;
  }

  /** What the machine's vectors have: 128, 256 or, with AVX-512, 512. */
  public static int preferredBits() {
    return VectorShape.preferredShape().vectorBitSize();
  }

  /**
   * A copy of a class for vectors of so many bits; right but slow if they are longer than the
   * machine's.
   *
   * @param home the class that asks: of the same package
   * @return of the interfaces of that class, not of the class itself
   */
  public static Object copy(MethodHandles.Lookup home, Class<?> kind, int bits) {
    try (InputStream in = kind.getResourceAsStream(kind.getSimpleName() + ".class")) {
      byte[] code = Objects.requireNonNull(in, "a class has a class file").readAllBytes();
      Constructor<?> constructor =
          home.defineHiddenClassWithClassData(code, bits, true)
              .lookupClass()
              .getDeclaredConstructor();
      constructor.setAccessible(true); // of a class of another package
      return constructor.newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + kind + " failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a copy of " + kind + " cannot be made", e);
    }
  }

  /** What a copy was made for. */
  public static VectorShape shape(MethodHandles.Lookup copy) {
    try {
      return VectorShape.forBitSize(MethodHandles.classData(copy, "_", Integer.class));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a class may read its own data", e);
    }
  }
}
