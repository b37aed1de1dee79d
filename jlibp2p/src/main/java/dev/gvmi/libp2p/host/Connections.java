package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.ConnectionGater;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.network.Admission;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.network.ConnectionTable;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.upgrade.ConnectionUpgrade;
import dev.gvmi.libp2p.upgrade.Upgraded;
import dev.gvmi.libp2p.upgrade.Upgrader;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections, from both sides, and enters them in the table. <b>Thread:</b> any. */
final class Connections {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final long CLOSE_SECONDS = 2;

  /** A connection without a stream may be closed for another after so long. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Admission admission;
  private final ConnectionGater gater;
  private final ConnectionTable table;
  private final Upgrader upgrader;
  private final InboundStreams streams;
  private final BiConsumer<Connection, ConnectionTable.Added> established;

  Connections(
      HostLimits limits,
      ConnectionGater gater,
      Upgrader upgrader,
      InboundStreams streams,
      BiConsumer<Connection, ConnectionTable.Added> established) {
    this.admission = new Admission(limits, InstantSource.system());
    this.gater = gater;
    this.table = new ConnectionTable(limits.connectionsPerPeer());
    this.upgrader = upgrader;
    this.streams = streams;
    this.established = established;
  }

  ConnectionTable table() {
    return table;
  }

  Admission.Counts counts() {
    return admission.counts();
  }

  /** Takes an accepted channel. <b>Thread:</b> its event loop. */
  void accept(Transport transport, Channel channel) {
    Multiaddr remote = transport.remoteAddress(channel);
    if (!gater.allowsAccept(remote)) {
      LOG.debug("connection from {} refused by the gater", remote);
      admission.refused();
      channel.close();
      return;
    }
    Optional<Admission.Place> place = admission.admitInbound(remote, channel::close);
    if (place.isEmpty()) {
      LOG.debug("connection from {} refused: a limit is reached", remote);
      channel.close();
      return;
    }
    establish(upgradeOf(transport), channel, place.get(), remote, true, null)
        .exceptionally(failure -> {
          LOG.debug("connection from {}: {}", remote, failure.toString());
          return null;
        });
  }

  /** A limit of ours, and no fault of the address. */
  static final class LimitException extends IOException {
    private static final long serialVersionUID = 1;

    private LimitException(String message) {
      super(message);
    }
  }

  /** Dials, and waits for the handshake. An interrupt ends it, and closes what there is by then. */
  Connection dial(
      Transport transport, Multiaddr address, @Nullable PeerId expected, Duration timeout)
      throws IOException {
    Admission.Place place =
        admission
            .admitOutbound(address)
            .orElseThrow(
                () -> new LimitException("cannot dial " + address + ": too many connections"));
    CompletableFuture<Channel> connecting = transport.dial(address, timeout);
    CompletableFuture<Connection> result =
        connecting.thenCompose(channel ->
            establish(upgradeOf(transport), channel, place, address.withoutP2p(), false, expected));
    result.whenComplete((connection, failure) -> {
      if (failure != null) {
        place.close();
      }
    });
    try {
      return await(result, timeout, address);
    } catch (IOException e) {
      connecting.cancel(false);
      connecting.thenAccept(Channel::close);
      result.thenAccept(Connections::close);
      throw e;
    }
  }

  private ConnectionUpgrade upgradeOf(Transport transport) {
    return transport.upgrade().orElse(upgrader);
  }

  private CompletableFuture<Connection> establish(
      ConnectionUpgrade upgrade,
      Channel channel,
      Admission.Place place,
      Multiaddr remote,
      boolean isInbound,
      @Nullable PeerId expected) {
    CompletableFuture<Connection> connection = new CompletableFuture<>();
    channel.closeFuture().addListener(done -> place.close());
    CompletableFuture<Upgraded> upgraded =
        upgrade.upgrade(
            channel, !isInbound, expected, (ByteStream s) -> streams.accept(connection, s));
    upgraded.whenComplete((up, failure) -> {
      if (failure != null) {
        connection.completeExceptionally(failure);
        return;
      }
      place.established();
      Connection made = new Connection(up.peer(), remote, isInbound, up.connection());
      made.describe(Instant.now(), up.security(), up.muxer(), up.traffic());
      enter(made, connection);
    });
    return connection;
  }

  private void enter(Connection made, CompletableFuture<Connection> result) {
    if (!gater.allowsSecured(made.inbound(), made.peer(), made.remoteAddress())) {
      if (made.inbound()) {
        admission.refused();
      }
      made.streams().close();
      result.completeExceptionally(
          new IOException(made.peer().toShortString() + " is refused by the gater"));
      return;
    }
    ConnectionTable.Added added = table.add(made);
    if (added == ConnectionTable.Added.REFUSED) {
      made.streams().close();
      result.completeExceptionally(
          new IOException("too many connections to " + made.peer().toShortString()));
      return;
    }
    LOG.debug(
        "connected {} {} {}",
        made.inbound() ? "from" : "to",
        made.peer().toShortString(),
        made.remoteAddress());
    established.accept(made, added);
    result.complete(made);
    makeRoom(made.inbound());
  }

  /**
   * Where the limits come near, each new connection costs an idle one: or those who came first and
   * want nothing kept all others out.
   */
  private void makeRoom(boolean inbound) {
    if (admission.isCrowded(inbound)) {
      table
          .idlest(inbound, IDLE)
          .ifPresent(idle -> {
            LOG.debug("closing the idle connection with {}", idle.peer().toShortString());
            close(idle);
          });
    }
  }

  /** Closes it; from now on nobody is given it. */
  static void close(Connection connection) {
    connection.retire();
    connection.streams().close();
  }

  static void awaitClosed(MuxedConnection connection) {
    try {
      connection.closed().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("connection did not close: {}", e.toString());
    }
  }

  static <T> T await(CompletableFuture<T> future, Duration limit, Multiaddr address)
      throws IOException {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException(
          "no answer from " + address + " within " + limit.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialling " + address);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      throw new IOException(
          reason.contains(address.toString()) ? reason : "cannot dial " + address + ": " + reason,
          cause);
    }
  }
}
