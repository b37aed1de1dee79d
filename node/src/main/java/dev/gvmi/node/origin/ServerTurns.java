package dev.gvmi.node.origin;

import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Connections to one server at one time: who is one too many waits its turn, for as long as that
 * takes. <b>Thread:</b> any.
 */
final class ServerTurns {
  private final int perServer;
  private final Map<String, Places> servers = new HashMap<>();

  private static final class Places {
    final Semaphore free;
    int users;

    Places(int count) {
      this.free = new Semaphore(count, true);
    }
  }

  /** A place at a server; closed once. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  ServerTurns(int perServer) {
    this.perServer = perServer;
  }

  Turn take(String server) throws InterruptedIOException {
    Places places = join(server);
    try {
      places.free.acquire();
    } catch (InterruptedException e) {
      leave(server, places);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    AtomicBoolean closed = new AtomicBoolean();
    return () -> {
      if (closed.compareAndSet(false, true)) {
        places.free.release();
        leave(server, places);
      }
    };
  }

  private synchronized Places join(String server) {
    Places places = servers.computeIfAbsent(server, s -> new Places(perServer));
    places.users++;
    return places;
  }

  /** A server that nobody uses is forgotten. */
  private synchronized void leave(String server, Places places) {
    places.users--;
    if (places.users == 0) {
      servers.remove(server);
    }
  }

  synchronized int servers() {
    return servers.size();
  }
}
