package dev.gvmi.node.fetch;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks one peer, and again after a while, until it is interrupted.
 *
 * <p><b>Thread:</b> a virtual one of its own; {@link #wake} is any thread's.
 */
final class Hunt implements Runnable {
  /** At most so often the pause doubles: once a second, or down to once in about a minute. */
  static final int STEADILY = 0;

  static final int LESS_AND_LESS = 6;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Ask ask;
  private final int maxDoublings;
  private final Consumer<IOException> firstFailure;
  private final Runnable asked;
  private final Semaphore wake = new Semaphore(0);

  /** Connects if need be, and asks. */
  @FunctionalInterface
  interface Ask {
    void run() throws IOException, InterruptedException;
  }

  /**
   * @param firstFailure is told why the first try failed
   * @param asked is run after the first try, however it went
   */
  Hunt(Ask ask, int maxDoublings, Consumer<IOException> firstFailure, Runnable asked) {
    this.ask = ask;
    this.maxDoublings = maxDoublings;
    this.firstFailure = firstFailure;
    this.asked = asked;
  }

  /** There is news of the peer: it is asked soon. */
  void wake() {
    wake.release();
  }

  @Override
  public void run() {
    try {
      try {
        ask.run();
      } catch (IOException e) {
        firstFailure.accept(e);
      } finally {
        asked.run();
      }
      for (int doublings = 0; ; doublings = Math.min(doublings + 1, maxDoublings)) {
        long pause = PAUSE.toNanos() << doublings;
        if (wake.tryAcquire(pause, TimeUnit.NANOSECONDS)) {
          wake.drainPermits();
          doublings = 0;
        }
        askAgain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void askAgain() throws InterruptedException {
    try {
      ask.run();
    } catch (IOException e) {
      // as before: it is not there, or does not answer
    }
  }
}
