package dev.gvmi.libp2p.upgrade;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.muxer.StreamMuxer;
import dev.gvmi.libp2p.negotiate.NegotiationHandler;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.Secured;
import dev.gvmi.libp2p.security.SecurityProtocol;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows one upgrade from the tail of the pipeline and leaves it when the muxer has taken over.
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
final class UpgradeHandler extends ChannelInboundHandlerAdapter {
  private final List<SecurityProtocol> security;
  private final List<StreamMuxer> muxers;
  private final boolean initiator;
  private final @Nullable PeerId expected;
  private final Consumer<ByteStream> inbound;
  private final Duration limit;
  private final CompletableFuture<Upgraded> result;
  private final TrafficCounter traffic = new TrafficCounter();
  private String chosenSecurity = "";
  private @Nullable ScheduledFuture<?> timer;

  UpgradeHandler(
      List<SecurityProtocol> security,
      List<StreamMuxer> muxers,
      boolean initiator,
      @Nullable PeerId expected,
      Consumer<ByteStream> inbound,
      Duration limit,
      CompletableFuture<Upgraded> result) {
    this.security = security;
    this.muxers = muxers;
    this.initiator = initiator;
    this.expected = expected;
    this.inbound = inbound;
    this.limit = limit;
    this.result = result;
  }

  TrafficCounter traffic() {
    return traffic;
  }

  NegotiationHandler securityNegotiation() {
    List<String> ids = security.stream().map(SecurityProtocol::id).toList();
    return Upgrader.negotiation(
        initiator,
        ids,
        (ctx, id) -> {
          chosenSecurity = id;
          SecurityProtocol chosen =
              security.stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
          ctx.pipeline().addAfter(ctx.name(), "security", chosen.newHandler(initiator, expected));
        });
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timer =
        ctx.executor()
            .schedule(
                () ->
                    fail(
                        ctx,
                        new SocketTimeoutException(
                            "handshake not done within " + limit.toMillis() + " ms")),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (!(event instanceof Secured secured)) {
      super.userEventTriggered(ctx, event);
      return;
    }
    String early = secured.muxer();
    if (early != null) {
      attach(ctx, secured, early);
      return;
    }
    List<String> ids = muxers.stream().map(StreamMuxer::id).toList();
    ctx.pipeline()
        .addBefore(
            ctx.name(),
            "negotiation",
            Upgrader.negotiation(initiator, ids, (c, id) -> attach(ctx, secured, id)));
  }

  private void attach(ChannelHandlerContext ctx, Secured secured, String muxerId) {
    StreamMuxer muxer =
        muxers.stream().filter(m -> m.id().equals(muxerId)).findFirst().orElseThrow();
    MuxedConnection connection = muxer.attach(ctx.channel(), initiator, inbound);
    ctx.pipeline().remove(this);
    if (!result.complete(
        new Upgraded(secured.peer(), connection, chosenSecurity, muxerId, traffic))) {
      connection.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    result.completeExceptionally(
        new IOException("the peer closed the connection in the handshake"));
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Throwable reason =
        cause instanceof io.netty.handler.codec.DecoderException && cause.getCause() != null
            ? cause.getCause()
            : cause;
    fail(ctx, reason instanceof IOException io ? io : new IOException(reason));
  }

  private void fail(ChannelHandlerContext ctx, IOException reason) {
    result.completeExceptionally(reason);
    ctx.close();
  }
}
