package dev.gvmi.node.fetch;

import dev.gvmi.node.rate.RateGate;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The rates that one fetch keeps to, all of them. The narrowest comes first: who waits there takes
 * nothing from the others.
 *
 * <p><b>Thread:</b> any.
 */
final class Pace {
  /** Chunks that may be asked for before their time has come. */
  private static final int AHEAD = 4;

  private final List<RateGate> gates;

  /**
   * @param gates at least one
   */
  Pace(List<RateGate> gates) {
    this.gates = List.copyOf(gates);
  }

  /**
   * Chunks that may be asked for, a few at most: those that are {@code left} of what was allowed,
   * and those that pass now.
   */
  static int allowed(int left, BooleanSupplier passes) {
    int allowed = left == Integer.MAX_VALUE ? 0 : left;
    while (allowed < AHEAD && passes.getAsBoolean()) {
      allowed++;
    }
    return allowed;
  }

  boolean isLimited() {
    for (RateGate gate : gates) { // asked of each chunk
      if (gate.isLimited()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Lets so many bytes pass now if all rates allow it; of two fetches that look at the same time
   * both may pass.
   */
  boolean tryPass(int bytes) {
    if (!gates.stream().allMatch(RateGate::isOpen)) {
      return false;
    }
    gates.forEach(gate -> gate.tryPass(bytes));
    return true;
  }

  /** Waits until it is this party's turn at each, and the rates allow it. */
  void pass(Object party, int bytes) throws InterruptedException {
    for (RateGate gate : gates) {
      gate.pass(party, bytes);
    }
  }

  /** How large pieces should be, so that several pass in a second. */
  int pieceBytes() {
    return gates.stream().mapToInt(RateGate::pieceBytes).min().orElse(RateGate.MAX_PIECE_BYTES);
  }
}
