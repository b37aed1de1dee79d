package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.tls.TlsCertificate;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.upgrade.ConnectionUpgrade;
import io.netty.channel.Channel;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * QUIC v1 by Netty's codec over quiche. Each dial has a socket of its own, which is closed with its
 * connection; the connections of a listener share its socket. Nothing native is loaded and no
 * thread started before the first address is used; where there is no native library for this
 * machine, that is told and nothing else works.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Source:</b> RFC 9000; libp2p QUIC specification.
 */
public final class QuicTransport implements Transport {
  private final QuicConfig config;
  private final Supplier<QuicSockets> factory;
  private final Supplier<Optional<String>> library;
  private final List<QuicListener> listeners = new CopyOnWriteArrayList<>();
  private @Nullable QuicSockets sockets;
  private boolean closed;

  /**
   * The transport of a host; makes its certificate when it is first used.
   *
   * @param handshakes runs the public-key work
   */
  public QuicTransport(
      HostKey key,
      QuicConfig config,
      SecureRandom random,
      InstantSource clock,
      Executor handshakes) {
    this(
        config,
        () -> {
          TlsCertificate own = TlsCertificate.issue(key, random, clock.instant());
          return new QuicSockets(
              config, new QuicTls(own, clock), handshakes, new RetryTokens(random, clock));
        },
        QuicTransport::missing);
  }

  QuicTransport(
      QuicConfig config, Supplier<QuicSockets> factory, Supplier<Optional<String>> library) {
    this.config = config;
    this.factory = factory;
    this.library = library;
  }

  private static Optional<String> missing() {
    return Quic.isAvailable()
        ? Optional.empty()
        : Optional.of("no native library: " + reason(rootOf(Quic.unavailabilityCause())));
  }

  private static @Nullable Throwable rootOf(@Nullable Throwable cause) {
    Throwable root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  static String reason(@Nullable Throwable cause) {
    return cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
  }

  private synchronized QuicSockets sockets() throws IOException {
    if (closed) {
      throw new IOException("the transport is closed");
    }
    Optional<String> missing = library.get();
    if (missing.isPresent()) {
      throw new IOException("QUIC cannot be had on this machine: " + missing.get());
    }
    QuicSockets made = sockets == null ? factory.get() : sockets;
    sockets = made;
    return made;
  }

  @Override
  public Optional<ConnectionUpgrade> upgrade() {
    return Optional.of(new QuicUpgrade(config));
  }

  @Override
  public Optional<String> unavailable() {
    return library.get();
  }

  @Override
  public boolean handles(Multiaddr address) {
    return address.quicAddress().isPresent();
  }

  @Override
  public Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException {
    InetSocketAddress socket = address.quicAddress().orElseThrow();
    if (listeners.stream().anyMatch(listener -> listener.covers(socket))) {
      return Multiaddr.ofQuic(socket);
    }
    try {
      QuicListener listener = sockets().listen(socket, accepted);
      listeners.add(listener);
      return Multiaddr.ofQuic(listener.address());
    } catch (IOException e) {
      throw new IOException("cannot listen on " + address + ": " + reason(e), e);
    }
  }

  @Override
  public Multiaddr remoteAddress(Channel channel) {
    InetSocketAddress remote = channel.attr(QuicSockets.REMOTE).get();
    return Multiaddr.ofQuic(remote);
  }

  @Override
  public CompletableFuture<Channel> dial(Multiaddr address, Duration timeout) {
    CompletableFuture<Channel> result = new CompletableFuture<>();
    InetSocketAddress remote = address.quicAddress().orElseThrow();
    PeerId expected = PeerId.of(address).orElse(null);
    CompletableFuture<QuicChannel> connecting;
    try {
      connecting = sockets().dial(remote, expected, timeout);
    } catch (IOException e) {
      connecting = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<QuicChannel> dialled = connecting;
    result.whenComplete((channel, failure) -> dialled.cancel(false));
    connecting.whenComplete((channel, failure) -> {
      if (failure != null) {
        result.completeExceptionally(
            new IOException("cannot connect to " + address + ": " + reason(failure), failure));
      } else if (!result.complete(channel)) {
        channel.close();
      }
    });
    return result;
  }

  @Override
  public void stopListening() {
    listeners.forEach(QuicListener::stop);
  }

  @Override
  public void close() {
    listeners.forEach(QuicListener::stop);
    QuicSockets made;
    synchronized (this) {
      closed = true;
      made = sockets;
    }
    if (made != null) {
      made.closeDialled();
      listeners.forEach(QuicListener::close);
      made.close();
    }
  }
}
