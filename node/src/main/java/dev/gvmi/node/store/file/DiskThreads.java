package dev.gvmi.node.store.file;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.thread.FileThread;
import dev.gvmi.node.thread.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that touch the disk and the index: {@code store-N}, and {@code store-timer} for what
 * is due later.
 *
 * <p>Most callers are virtual threads that may be interrupted at any time, and an interrupt closes
 * the {@code FileChannel} a thread is in: so they never enter one. They wait here until the work is
 * done, interrupted or not, and find their interrupt flag set afterwards.
 *
 * <p>A {@link FileThread}, which nobody interrupts, runs the task itself: so the pool, whose
 * threads are of that kind, cannot starve, and who reads much on one is not handed over for every
 * buffer. All locks of this package are taken on such threads only.
 *
 * <p><b>Thread:</b> any.
 */
final class DiskThreads implements AutoCloseable {
  private static final int THREADS = 4;

  /** Work that ends in a value or in a fault of the disk. */
  @FunctionalInterface
  interface Task<T> {
    T run() throws IOException;
  }

  /** Work that ends in nothing, or in a fault of the disk. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  private final ExecutorService pool =
      Executors.newFixedThreadPool(THREADS, FileThread.factory("store-"));
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, FileThread.factory("store-timer-"));

  DiskThreads() {
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Runs a task and waits for it.
   *
   * @param tried what the task does, with what: the start of a fault's message
   */
  <T> T call(String tried, Task<T> task) {
    if (Thread.currentThread() instanceof FileThread) {
      return attempt(tried, task);
    }
    FutureTask<T> future = new FutureTask<>(() -> attempt(tried, task));
    try {
      pool.execute(future);
    } catch (RejectedExecutionException e) {
      throw new StoreException(StoreException.Kind.IO, tried + ": the store is closed", e);
    }
    return await(future);
  }

  void run(String tried, Action action) {
    call(
        tried,
        () -> {
          action.run();
          return true;
        });
  }

  /**
   * Runs an action on the timer's thread after a while; not at all if the store is closed by then.
   */
  void later(Duration delay, Runnable action) {
    try {
      timer.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closing: what is still to be synced is synced by the close.
    }
  }

  /** Waits for what runs, drops what the timer has left. */
  @Override
  public void close() {
    // Never shutdownNow: its interrupt would close a file.
    Threads.awaitEnd(timer);
    Threads.awaitEnd(pool);
  }

  private static <T> T attempt(String tried, Task<T> task) {
    try {
      return task.run();
    } catch (IOException e) {
      throw StoreException.of(tried, e);
    }
  }

  private static <T> T await(FutureTask<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unchecked(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unchecked(@Nullable Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      case null, default -> new IllegalStateException("a task failed", cause);
    };
  }
}
