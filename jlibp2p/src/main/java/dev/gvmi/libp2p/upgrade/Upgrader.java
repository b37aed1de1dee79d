package dev.gvmi.libp2p.upgrade;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.muxer.StreamMuxer;
import dev.gvmi.libp2p.negotiate.NegotiationHandler;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.SecurityProtocol;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Agrees on security, authenticates, agrees on a muxer: a raw channel becomes {@link Upgraded}.
 *
 * <pre>
 *   [negotiation] [upgrade]            security by multistream-select
 *   [security] [upgrade]               handshake, ends in Secured
 *   [security] [negotiation] [upgrade] muxer, unless the handshake agreed on it
 *   [security] [muxer]
 * </pre>
 *
 * <p><b>Thread:</b> {@link #upgrade} on the channel's event loop.
 *
 * <p><b>Errors:</b> the future fails with an {@link java.io.IOException} and the channel is closed.
 */
public final class Upgrader implements ConnectionUpgrade {
  private final List<SecurityProtocol> security;
  private final List<StreamMuxer> muxers;
  private final Duration limit;

  public Upgrader(List<SecurityProtocol> security, List<StreamMuxer> muxers, Duration limit) {
    this.security = List.copyOf(security);
    this.muxers = List.copyOf(muxers);
    this.limit = limit;
  }

  @Override
  public CompletableFuture<Upgraded> upgrade(
      Channel channel, boolean initiator, @Nullable PeerId expected, Consumer<ByteStream> inbound) {
    CompletableFuture<Upgraded> result = new CompletableFuture<>();
    UpgradeHandler tail =
        new UpgradeHandler(security, muxers, initiator, expected, inbound, limit, result);
    channel.pipeline().addLast(tail);
    channel.pipeline().addFirst(tail.securityNegotiation());
    channel.pipeline().addFirst("traffic", tail.traffic());
    channel.config().setAutoRead(true);
    return result;
  }

  static NegotiationHandler negotiation(
      boolean initiator,
      List<String> protocols,
      java.util.function.BiConsumer<io.netty.channel.ChannelHandlerContext, String> agreed) {
    return initiator
        ? NegotiationHandler.dialer(protocols, agreed)
        : NegotiationHandler.listener(protocols, agreed);
  }
}
