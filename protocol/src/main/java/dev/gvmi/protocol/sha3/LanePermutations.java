package dev.gvmi.protocol.sha3;

import dev.gvmi.protocol.vector.Vectors;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/** The permutations of several states; to be asked for only where {@link Vectors} are. */
final class LanePermutations {
  /** Of vectors with 512 bits: a machine that has them has AVX-512. */
  private static final int WIDE = 8;

  private LanePermutations() {}

  /**
   * What the machine is fastest with. With AVX-512 that is half of its vectors: what does not fit
   * into registers goes to the stack, which Java aligns to 16 bytes only, and a vector of 64 bytes
   * that lies across two cache lines there takes up to 1.6 times as long.
   */
  static LanePermutation preferred() {
    int lanes = lanes();
    return lanes == WIDE ? wide(lanes / 2) : narrow(lanes);
  }

  /** For one state, if this machine has that faster than plain Java. */
  static Optional<LanePermutation> alone() {
    return lanes() == WIDE ? Optional.of(wide(2)) : Optional.empty();
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
    return (LanePermutation) Vectors.copy(MethodHandles.lookup(), kind, lanes * Long.SIZE);
  }

  /** Of the machine's vectors. */
  private static int lanes() {
    return Vectors.preferredBits() / Long.SIZE;
  }
}
