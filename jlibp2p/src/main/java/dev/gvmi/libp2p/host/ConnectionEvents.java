package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.ConnectionListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of peers that come and go, one event after the other. <b>Thread:</b> any;
 * listeners run on one virtual thread.
 */
final class ConnectionEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionEvents.class);

  private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("libp2p-events").factory());

  void add(ConnectionListener listener) {
    listeners.add(listener);
  }

  void tell(Consumer<ConnectionListener> event) {
    try {
      thread.execute(() -> listeners.forEach(listener -> tell(event, listener)));
    } catch (RejectedExecutionException e) {
      LOG.trace("host is closed", e);
    }
  }

  private static void tell(Consumer<ConnectionListener> event, ConnectionListener listener) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      LOG.warn("connection listener failed", e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
