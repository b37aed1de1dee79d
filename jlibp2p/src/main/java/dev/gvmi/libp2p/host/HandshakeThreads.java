package dev.gvmi.libp2p.host;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads for the public-key work of handshakes: shared by all hosts of the process, and ended
 * when idle.
 *
 * <p>How many handshakes wait is bounded by each host's limit of pending connections.
 */
final class HandshakeThreads {
  /** Half of the processors: however many peers shake hands, the other half moves data. */
  private static final int COUNT = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  private static final int IDLE_SECONDS = 10;

  static final Executor SHARED = create();

  private HandshakeThreads() {}

  private static Executor create() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            COUNT,
            COUNT,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("libp2p-tls-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
