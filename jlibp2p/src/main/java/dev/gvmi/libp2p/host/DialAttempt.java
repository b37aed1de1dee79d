package dev.gvmi.libp2p.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.address.DialPlan;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One race for a connection to one peer: names are resolved, addresses tried when the {@link
 * DialPlan} says, or at once when nothing else runs; the first connection is kept and the rest
 * ended. It ends early when nobody waits for it any more.
 *
 * <p><b>Thread:</b> {@link #run} its own, with one more for each address that is tried; the
 * callers' wait in {@link #await}.
 */
final class DialAttempt {
  private static final int MAX_REASONS = 4;

  /** Names that are resolved at one time. */
  private static final int MAX_NAMES = 8;

  private final @Nullable PeerId peer;
  private final String what;
  private final Dialer dialer;
  private final CompletableFuture<Connection> result = new CompletableFuture<>();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  // Confined to run().
  private final Set<Multiaddr> seen = new HashSet<>();
  private final Queue<Due> waiting = new PriorityQueue<>(Comparator.comparingLong(Due::nanos));
  private final Set<Thread> running = new HashSet<>();
  private final List<IOException> failures = new ArrayList<>();
  private int resolving;

  @GuardedBy("this")
  private int callers;

  @GuardedBy("this")
  private boolean ended;

  /** What happens to an attempt. */
  private sealed interface Event {}

  /** A caller has come, with addresses of its own. */
  private record Offered(List<Multiaddr> addresses, boolean byUser) implements Event {}

  private record Resolved(List<Multiaddr> addresses, @Nullable IOException failure, boolean byUser)
      implements Event {}

  private record Tried(
      Thread by, Multiaddr address, @Nullable Connection connection, @Nullable IOException failure)
      implements Event {}

  /** The last caller has gone, or the host is closed. */
  private record Abandoned(boolean closed) implements Event {}

  private record Due(long nanos, Multiaddr address) {}

  /**
   * @param peer who must be there; null if whoever answers will do
   * @param what it is that is dialled, for messages
   */
  DialAttempt(@Nullable PeerId peer, String what, Dialer dialer) {
    this.peer = peer;
    this.what = what;
    this.dialer = dialer;
  }

  // ---- any thread ----

  /**
   * One more waits for it; false if it has ended. Each call that returns true is followed by one of
   * {@link #await}.
   */
  synchronized boolean join(List<Multiaddr> addresses, boolean byUser) {
    if (ended) {
      return false;
    }
    callers++;
    events.add(new Offered(addresses, byUser));
    return true;
  }

  Connection await(Duration timeout) throws IOException {
    try {
      return result.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException(
          "no answer from " + what + " within " + timeout.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialling " + what);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      leave();
    }
  }

  /** Each caller gets an exception of its own. */
  private static IOException failure(@Nullable Throwable cause) {
    return new IOException(cause == null ? "dial failed" : cause.getMessage(), cause);
  }

  private synchronized void leave() {
    callers--;
    if (callers == 0) {
      events.add(new Abandoned(false));
    }
  }

  /** The host is closed. */
  void abandon() {
    events.add(new Abandoned(true));
  }

  private synchronized void tell(Event event) {
    if (!ended) {
      events.add(event);
    } else if (event instanceof Tried tried && tried.connection() != null) {
      Connections.close(tried.connection());
    }
  }

  // ---- its own thread ----

  void run() {
    try {
      while (!result.isDone()) {
        startDue();
        if (!endIfNothingIsLeft()) {
          Event event = events.poll(nanosToNext(), TimeUnit.NANOSECONDS);
          if (event != null) {
            on(event);
          }
        }
      }
    } catch (InterruptedException e) {
      result.completeExceptionally(new InterruptedIOException("dial was interrupted"));
    } finally {
      result.completeExceptionally(new IOException("dial of " + what + " failed"));
      end();
    }
  }

  private synchronized boolean endIfNothingIsLeft() {
    boolean left = !waiting.isEmpty() || !running.isEmpty() || resolving > 0 || !events.isEmpty();
    if (!left) {
      ended = true;
      result.completeExceptionally(summary());
    }
    return !left;
  }

  private synchronized void end() {
    ended = true;
    running.forEach(Thread::interrupt);
    for (Event event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof Tried tried && tried.connection() != null) {
        Connections.close(tried.connection());
      }
    }
  }

  private void on(Event event) {
    switch (event) {
      case Offered offered -> take(offered);
      case Resolved resolved -> {
        resolving--;
        if (resolved.failure() != null) {
          failures.add(resolved.failure());
        }
        plan(resolved.addresses(), resolved.byUser());
      }
      case Tried tried -> {
        running.remove(tried.by());
        on(tried);
      }
      case Abandoned abandoned -> {
        if (isOver(abandoned)) {
          result.completeExceptionally(new IOException("dial of " + what + " was given up"));
        }
      }
    }
  }

  /** A caller may have come after the last had gone. */
  private synchronized boolean isOver(Abandoned abandoned) {
    ended = abandoned.closed() || callers == 0;
    return ended;
  }

  private void take(Offered offered) {
    List<Multiaddr> ready = new ArrayList<>();
    for (Multiaddr address : offered.addresses()) {
      if (peer != null && PeerId.of(address).filter(other -> !other.equals(peer)).isPresent()) {
        failures.add(new IOException("cannot dial " + address + ": it is another peer's"));
      } else if (address.dnsName().isEmpty()) {
        ready.add(address);
      } else if (resolving < MAX_NAMES) {
        resolving++;
        Thread.ofVirtual().name("libp2p-resolve").start(() -> resolve(address, offered.byUser()));
      }
    }
    plan(ready, offered.byUser());
  }

  private void on(Tried tried) {
    if (tried.connection() != null) {
      if (!result.complete(tried.connection())) {
        Connections.close(tried.connection());
      }
    } else if (tried.failure() != null) {
      failures.add(tried.failure());
      dialer.failed(tried.address(), tried.failure());
    }
  }

  private void startDue() {
    Due next = waiting.peek();
    while (next != null && (running.isEmpty() || next.nanos() - System.nanoTime() <= 0)) {
      waiting.remove();
      Multiaddr address = next.address();
      Thread thread = Thread.ofVirtual().name("libp2p-dial").unstarted(() -> dial(address));
      running.add(thread);
      thread.start();
      next = waiting.peek();
    }
  }

  private void dial(Multiaddr address) {
    Thread self = Thread.currentThread();
    try {
      tell(new Tried(self, address, dialer.dial(address), null));
    } catch (IOException e) {
      tell(new Tried(self, address, null, e));
    } catch (RuntimeException e) {
      tell(new Tried(self, address, null, new IOException("cannot dial " + address, e)));
    }
  }

  private long nanosToNext() {
    Due next = waiting.peek();
    return next == null ? Long.MAX_VALUE : Math.max(0, next.nanos() - System.nanoTime());
  }

  /** One line that says what became of the addresses. */
  private IOException summary() {
    if (failures.size() == 1) {
      return failures.getFirst();
    }
    String reasons =
        failures.isEmpty()
            ? "no address is known"
            : failures.stream()
                .limit(MAX_REASONS)
                .map(Throwable::getMessage)
                .collect(Collectors.joining("; "));
    String more =
        failures.size() > MAX_REASONS ? "; and " + (failures.size() - MAX_REASONS) + " more" : "";
    return new IOException(
        "cannot connect to " + what + ": " + reasons + more,
        failures.isEmpty() ? null : failures.getLast());
  }

  private void resolve(Multiaddr address, boolean byUser) {
    try {
      tell(new Resolved(dialer.resolve(address), null, byUser));
    } catch (IOException e) {
      tell(new Resolved(List.of(), e, byUser));
    }
  }

  private void plan(List<Multiaddr> addresses, boolean byUser) {
    List<Multiaddr> usable = new ArrayList<>();
    for (Multiaddr address : addresses) {
      Multiaddr whole = peer == null ? address : address.withP2p(peer.multihash());
      if (seen.size() < DialPlan.MAX_ADDRESSES && seen.add(whole)) {
        Optional<String> refusal = dialer.refusal(whole, byUser);
        refusal.ifPresentOrElse(
            reason -> failures.add(new IOException("cannot dial " + whole + ": " + reason)),
            () -> usable.add(whole));
      }
    }
    long now = System.nanoTime();
    for (DialPlan.Step step : DialPlan.of(usable)) {
      waiting.add(new Due(now + step.after().toNanos(), step.address()));
    }
  }
}
