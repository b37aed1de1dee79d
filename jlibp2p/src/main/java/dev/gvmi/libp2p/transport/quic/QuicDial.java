package dev.gvmi.libp2p.transport.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One dial, at the end of the pipeline of its socket: there the system tells that nobody listens.
 *
 * <p><b>Thread:</b> event loop of the socket.
 */
final class QuicDial extends ChannelInboundHandlerAdapter {
  private final CompletableFuture<QuicChannel> connected = new CompletableFuture<>();
  private @Nullable QuicChannel channel;

  /** The connection when its handshake is done. */
  CompletableFuture<QuicChannel> connected() {
    return connected;
  }

  void follow(QuicChannel made, QuicConnection connection) {
    channel = made;
    connection
        .secured()
        .whenComplete((key, failure) -> {
          if (failure != null) {
            failed(failure);
          } else if (!connected.complete(made)) {
            made.close();
          }
        });
  }

  /** Fails, with the reason that the handshake gives if it has one. */
  void failed(@Nullable Throwable cause) {
    Throwable reason = cause == null ? new IOException("it failed") : cause;
    connected.completeExceptionally(
        channel == null
            ? reason
            : QuicTls.refusal(channel)
                .<Throwable>map(text -> new IOException(text, reason))
                .orElse(reason));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed(cause); // of no effect once it is connected: the handshake of others must not end it
  }
}
