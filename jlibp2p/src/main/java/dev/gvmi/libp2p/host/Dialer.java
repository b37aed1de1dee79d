package dev.gvmi.libp2p.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.ConnectionGater;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.address.DialBackOff;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.network.NamedAddresses;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.transport.Transport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connects to peers: one {@link DialAttempt} for each peer at one time, over all attempts no more
 * addresses at once than the limit.
 *
 * <p><b>Thread:</b> any.
 */
final class Dialer {
  private static final Duration NEAR = Duration.ofSeconds(10);
  private static final Duration FAR = Duration.ofSeconds(15);

  private final PeerId self;
  private final Parts parts;
  private final HostLimits limits;
  private final Semaphore permits;

  @GuardedBy("this")
  private final Map<PeerId, DialAttempt> attempts = new HashMap<>();

  @GuardedBy("this")
  private final List<DialAttempt> unnamed = new ArrayList<>();

  @GuardedBy("this")
  private final DialBackOff backOff = new DialBackOff();

  @GuardedBy("this")
  private boolean closed;

  /** {@code own} tells where this host listens. */
  record Parts(
      List<Transport> transports,
      Connections connections,
      NamedAddresses names,
      ConnectionGater gater,
      Supplier<List<Multiaddr>> own,
      InstantSource clock) {}

  Dialer(PeerId self, HostLimits limits, Parts parts) {
    this.self = self;
    this.limits = limits;
    this.parts = parts;
    this.permits = new Semaphore(limits.pendingOutbound(), true);
  }

  /** How many addresses are being dialled. */
  int pending() {
    return limits.pendingOutbound() - permits.availablePermits();
  }

  /**
   * A connection to whoever answers at the address; if that ends in {@code /p2p}, to this peer, and
   * there may be one already.
   */
  Connection dial(Multiaddr address, Duration timeout) throws IOException {
    Optional<PeerId> peer = PeerId.of(address);
    return peer.isPresent()
        ? connect(peer.get(), address.toString(), List.of(address), timeout, true)
        : toAnybody(address, timeout);
  }

  /** A connection to the peer, which there may be already. */
  Connection connect(PeerId peer, List<Multiaddr> addresses, Duration timeout) throws IOException {
    return connect(peer, peer.toShortString(), addresses, timeout, false);
  }

  private Connection connect(
      PeerId peer, String what, List<Multiaddr> addresses, Duration timeout, boolean byUser)
      throws IOException {
    if (peer.equals(self)) {
      throw new IOException("cannot dial " + what + ": it is this host");
    }
    Optional<Connection> existing = parts.connections().table().to(peer);
    if (existing.isPresent()) {
      return existing.get();
    }
    if (!parts.gater().allowsDial(peer)) {
      throw new IOException("cannot dial " + what + ": the gater refuses this peer");
    }
    return attempt(peer, what, addresses, byUser).await(timeout);
  }

  private synchronized DialAttempt attempt(
      PeerId peer, String what, List<Multiaddr> addresses, boolean byUser) throws IOException {
    checkOpen(what);
    DialAttempt running = attempts.get(peer);
    if (running != null && running.join(addresses, byUser)) {
      return running;
    }
    DialAttempt attempt = new DialAttempt(peer, what, this);
    attempt.join(addresses, byUser);
    attempts.put(peer, attempt);
    start(attempt, peer);
    return attempt;
  }

  private Connection toAnybody(Multiaddr address, Duration timeout) throws IOException {
    DialAttempt attempt = new DialAttempt(null, address.toString(), this);
    synchronized (this) {
      checkOpen(address.toString());
      attempt.join(List.of(address), true);
      unnamed.add(attempt);
      start(attempt, null);
    }
    return attempt.await(timeout);
  }

  private void start(DialAttempt attempt, @Nullable PeerId peer) {
    Thread.ofVirtual()
        .name("libp2p-dialling")
        .start(() -> {
          try {
            attempt.run();
          } finally {
            ended(attempt, peer);
          }
        });
  }

  private synchronized void ended(DialAttempt attempt, @Nullable PeerId peer) {
    if (peer == null) {
      unnamed.remove(attempt);
    } else {
      attempts.remove(peer, attempt);
    }
  }

  @GuardedBy("this")
  private void checkOpen(String what) throws IOException {
    if (closed) {
      throw new IOException("cannot dial " + what + ": this host is closed");
    }
  }

  // ---- for attempts ----

  List<Multiaddr> resolve(Multiaddr address) throws IOException {
    return parts.names().resolve(address);
  }

  /** Why an address without a name is not dialled; empty if it is. */
  Optional<String> refusal(Multiaddr address, boolean byUser) {
    if (address.protocols().contains(Protocol.P2P_CIRCUIT) || transport(address).isEmpty()) {
      return Optional.of("no transport for this address");
    }
    if (parts.own().get().contains(address.withoutP2p())) {
      return Optional.of("it is this host");
    }
    if (!parts.gater().allowsDial(address)) {
      return Optional.of("the gater refuses this address");
    }
    return !byUser && isBackedOff(address)
        ? Optional.of("it failed a short time ago")
        : Optional.empty();
  }

  private Optional<Transport> transport(Multiaddr address) {
    return parts.transports().stream().filter(t -> t.handles(address)).findFirst();
  }

  private synchronized boolean isBackedOff(Multiaddr address) {
    return backOff.isBackedOff(address, parts.clock().instant());
  }

  /** Dials one address when there is a permit; an interrupt ends it. */
  Connection dial(Multiaddr address) throws IOException {
    Transport transport = transport(address).orElseThrow();
    @Nullable PeerId expected = PeerId.of(address).orElse(null);
    boolean isFar = AddressScope.PUBLIC.reaches(address);
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before dialling " + address);
    }
    try {
      Connection connection =
          parts.connections().dial(transport, address, expected, isFar ? FAR : NEAR);
      synchronized (this) {
        backOff.succeeded(address);
      }
      return connection;
    } finally {
      permits.release();
    }
  }

  synchronized void failed(Multiaddr address, IOException reason) {
    if (!(reason instanceof Connections.LimitException)) {
      backOff.failed(address, parts.clock().instant());
    }
  }

  /** Ends the attempts, and takes no more. */
  synchronized void close() {
    closed = true;
    attempts.values().forEach(DialAttempt::abandon);
    unnamed.forEach(DialAttempt::abandon);
  }
}
