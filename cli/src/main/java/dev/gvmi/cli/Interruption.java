package dev.gvmi.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What Ctrl-C and SIGTERM do: the running call is interrupted and given a few seconds to keep what
 * it has fetched.
 *
 * <p><b>Thread:</b> the hook runs on a thread of the JVM's; the latch is all that is shared.
 */
final class Interruption {
  private static final long GRACE_SECONDS = 3;

  private final Thread caller;
  private final CountDownLatch finished = new CountDownLatch(1);

  private Interruption(Thread caller) {
    this.caller = caller;
  }

  static Interruption arm(Thread caller) {
    Interruption interruption = new Interruption(caller);
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::shutDown, "interrupt"));
    return interruption;
  }

  /** The call is over; called before {@code System.exit}, which would wait for the hook. */
  void finished() {
    finished.countDown();
  }

  private void shutDown() {
    if (finished.getCount() == 0) {
      return;
    }
    caller.interrupt();
    try {
      boolean ended = finished.await(GRACE_SECONDS, TimeUnit.SECONDS);
      assert ended || caller.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
