package dev.gvmi.bench.kill;

/** What was found after a kill is not as it must be. */
final class Disagreement extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  Disagreement(String message) {
    super(message);
  }

  static void unless(boolean holds, String message) {
    if (!holds) {
      throw new Disagreement(message);
    }
  }
}
