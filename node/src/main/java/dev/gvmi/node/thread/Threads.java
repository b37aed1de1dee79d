package dev.gvmi.node.thread;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Threads and their ends. */
public final class Threads {
  private Threads() {}

  /**
   * Returns when a thread has ended, which must have been asked to: what it works with can be
   * closed then. An interrupt of the caller does not hurry it, and is kept for what the caller does
   * next.
   */
  public static void awaitEnd(Thread thread) {
    uninterrupted(() -> {
      thread.join();
      return !thread.isAlive();
    });
  }

  /**
   * Lets an executor take no more, and returns in the same way when all that it was given is done.
   */
  public static void awaitEnd(ExecutorService executor) {
    executor.shutdown();
    uninterrupted(() -> executor.awaitTermination(1, TimeUnit.MINUTES));
  }

  private static void uninterrupted(Wait wait) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = wait.hasEnded();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @FunctionalInterface
  private interface Wait {
    boolean hasEnded() throws InterruptedException;
  }
}
