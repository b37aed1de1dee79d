package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.upgrade.ConnectionUpgrade;
import dev.gvmi.libp2p.upgrade.Upgraded;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * There is nothing to agree on: waits for the handshake and looks who is there. <b>Thread:</b> any.
 */
final class QuicUpgrade implements ConnectionUpgrade {
  static final String SECURITY = "/quic-v1 tls";
  static final String MUXER = "quic";

  private final QuicConfig config;

  QuicUpgrade(QuicConfig config) {
    this.config = config;
  }

  @Override
  public CompletableFuture<Upgraded> upgrade(
      Channel channel, boolean initiator, @Nullable PeerId expected, Consumer<ByteStream> inbound) {
    QuicConnection connection = channel.attr(QuicConnection.KEY).get();
    CompletableFuture<Upgraded> result = new CompletableFuture<>();
    long millis = config.handshake().toMillis();
    ScheduledFuture<?> timer =
        channel
            .eventLoop()
            .schedule(
                () ->
                    result.completeExceptionally(
                        new SocketTimeoutException("handshake not done within " + millis + " ms")),
                millis,
                TimeUnit.MILLISECONDS);
    result.whenComplete((done, failure) -> {
      timer.cancel(false);
      if (failure != null) {
        connection.close();
      }
    });
    connection
        .secured()
        .whenComplete((key, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            enter(connection, key, expected, inbound, result);
          }
        });
    return result;
  }

  private static void enter(
      QuicConnection connection,
      PublicKey key,
      @Nullable PeerId expected,
      Consumer<ByteStream> inbound,
      CompletableFuture<Upgraded> result) {
    PeerId peer = PeerId.of(key);
    if (expected != null && !expected.equals(peer)) {
      result.completeExceptionally(
          new IOException("tls: expected peer " + expected + ", got " + peer));
      return;
    }
    if (result.complete(new Upgraded(peer, connection, SECURITY, MUXER, connection))) {
      connection.accept(inbound);
    }
  }
}
