package dev.gvmi.protocol.sha3;

/** Keccak-f[1600] of several states at once. Stateless. <b>Thread:</b> any. */
interface LanePermutation {
  /** Whether this lane of each state is kept complemented. */
  static boolean isComplemented(int lane) {
    return switch (lane) {
      case 1, 2, 8, 12, 17, 20 -> true;
      default -> false;
    };
  }

  /** How many states. */
  int lanes();

  /**
   * Permutes them in place.
   *
   * @param states lane i of state j at {@code i * lanes() + j}, see {@link #isComplemented}
   * @param spare as long; overwritten
   */
  void permute(long[] states, long[] spare);
}
