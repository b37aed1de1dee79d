package dev.gvmi.protocol.sha3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.util.Objects;

/**
 * The permutations of several states that this Java has.
 *
 * <p>They need the module {@code jdk.incubator.vector}. A Java that is told to start with it says
 * so on the console of every command, whether it hashes or not. So it is loaded here when it is
 * first wanted, as the JDK loads its own agents, which the launcher permits ({@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED}) together with {@code -XX:+EnableVectorSupport},
 * without which the JIT takes vectors for objects. Where any of it is missing, there are none; nor
 * are there with {@code -Dgvmi.vectors=false}: the build's AOT caches can hold no class of the module.
 */
final class LanePermutations {
  private static final String MODULE = "jdk.incubator.vector";

  private LanePermutations() {}

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
  static boolean areThere() {
    return Loaded.LOADED;
  }

  /** With the vectors that the machine prefers: of the greatest length that it has. */
  static LanePermutation preferred() {
    return new VectorPermutation();
  }

  /** With vectors of 2, 4 or 8 lanes; right but slow if they are longer than the machine's. */
  static LanePermutation of(int lanes) {
    try (InputStream in =
        VectorPermutation.class.getResourceAsStream(
            VectorPermutation.class.getSimpleName() + ".class")) {
      byte[] code = Objects.requireNonNull(in, "a class has a class file").readAllBytes();
      return (LanePermutation)
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(code, lanes, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("reading the class of the permutation failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a copy of the permutation cannot be made", e);
    }
  }
}
