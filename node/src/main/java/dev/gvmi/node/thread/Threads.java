package dev.gvmi.node.thread;

/** Threads and their ends. */
public final class Threads {
  private Threads() {}

  /**
   * Returns when a thread has ended, which must have been asked to: what it works with can be
   * closed then. An interrupt of the caller does not hurry it, and is kept for what the caller does
   * next.
   */
  public static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
