package dev.gvmi.node.thread;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread that enters files itself. Whoever makes one does not interrupt it while it works: an
 * interrupt closes the {@code FileChannel} that a thread is in. A daemon thread.
 */
public final class FileThread extends Thread {
  private FileThread(Runnable task, String name) {
    super(task, name);
    setDaemon(true);
  }

  /** Makes threads with this name and a number. */
  public static ThreadFactory factory(String name) {
    AtomicInteger next = new AtomicInteger();
    return task -> new FileThread(task, name + next.getAndIncrement());
  }
}
