package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.ServiceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Something a daemon was asked to do, on a thread of its own, and what it told before it had done
 * it or was killed.
 */
final class Call {
  private final Thread thread;
  private volatile String phase = "";
  private volatile boolean answered;
  private volatile @Nullable ServiceException failure;

  /** What is asked. */
  interface Asked {
    void of(Consumer<ProgressEvent> progress);
  }

  Call(Asked asked) {
    this.thread = Thread.ofVirtual().start(() -> run(asked));
  }

  private void run(Asked asked) {
    try {
      asked.of(event -> phase = event.phase());
      answered = true;
    } catch (ServiceException e) {
      failure = e;
    }
  }

  boolean isOver() {
    return !thread.isAlive();
  }

  /** Whether the daemon has answered that it is done. */
  boolean isAnswered() {
    return answered;
  }

  /** The last phase that it told of. */
  String phase() {
    return phase;
  }

  void join() throws InterruptedException {
    thread.join();
  }

  /** Throws what it failed of, if it did. */
  void succeed() throws InterruptedException {
    join();
    ServiceException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }
}
