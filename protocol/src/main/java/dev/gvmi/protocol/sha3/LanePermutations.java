package dev.gvmi.protocol.sha3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.Optional;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The permutations of several states that this Java has.
 *
 * <p>They need the module {@code jdk.incubator.vector}. A Java that is told to start with it says
 * so on the console of every command, whether it hashes or not. So it is loaded here when it is
 * first wanted, as the JDK loads its own agents, which the launcher permits ({@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED}) together with {@code -XX:+EnableVectorSupport},
 * without which the JIT takes vectors for objects. Where any of it is missing, there are none; nor
 * are there with {@code -Dgvmi.vectors=false}: the build's AOT caches can hold no class of the
 * module.
 */
final class LanePermutations {
  private static final String MODULE = "jdk.incubator.vector";

  /** Of vectors with 512 bits: a machine that has them has AVX-512. */
  private static final int WIDE = 8;

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

  /**
   * What the machine is fastest with. With AVX-512 that is half of its vectors: what does not fit
   * into registers goes to the stack, which Java aligns to 16 bytes only, and a vector of 64 bytes
   * that lies across two cache lines there takes up to 1.6 times as long.
   */
  static LanePermutation preferred() {
    int lanes = LongVector.SPECIES_PREFERRED.length();
    return lanes == WIDE ? wide(lanes / 2) : narrow(lanes);
  }

  /** For one state, if this machine has that faster than plain Java. */
  static Optional<LanePermutation> alone() {
    return LongVector.SPECIES_PREFERRED.length() == WIDE ? Optional.of(wide(2)) : Optional.empty();
  }

  /** With vectors of 2, 4 or 8 lanes; right but slow if they are longer than the machine's. */
  static LanePermutation narrow(int lanes) {
    return copy(VectorPermutation.class, lanes);
  }

  /** The same for AVX-512, which has such vectors of each length; right but slow elsewhere. */
  static LanePermutation wide(int lanes) {
    return copy(WideVectorPermutation.class, lanes);
  }

  private static LanePermutation copy(Class<? extends LanePermutation> kind, int lanes) {
    try (InputStream in = kind.getResourceAsStream(kind.getSimpleName() + ".class")) {
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

  /** What a copy was made for. */
  static VectorSpecies<Long> species(MethodHandles.Lookup copy) {
    try {
      int lanes = MethodHandles.classData(copy, "_", Integer.class);
      return switch (lanes) {
        case 2 -> LongVector.SPECIES_128;
        case 4 -> LongVector.SPECIES_256;
        case 8 -> LongVector.SPECIES_512;
        default -> throw new IllegalArgumentException("no vectors of " + lanes + " lanes");
      };
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a class may read its own data", e);
    }
  }
}
