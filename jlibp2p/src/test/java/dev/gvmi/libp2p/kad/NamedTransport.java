package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.yamux.WindowBudget;
import dev.gvmi.libp2p.muxer.yamux.YamuxConfig;
import dev.gvmi.libp2p.muxer.yamux.YamuxMuxer;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.security.Secured;
import dev.gvmi.libp2p.security.SecurityProtocol;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.upgrade.ConnectionUpgrade;
import dev.gvmi.libp2p.upgrade.Upgrader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport whose two sides believe each other's names: with the arithmetic of real handshakes,
 * hundreds of nodes in one process would do little else.
 */
final class NamedTransport implements Transport {
  private static final Duration HANDSHAKE = Duration.ofSeconds(30);

  private final Transport raw;
  private final Upgrader upgrader;

  NamedTransport(Transport raw, HostKey key) {
    this.raw = raw;
    this.upgrader =
        new Upgrader(
            List.of(new Names(key.publicKey())),
            List.of(new YamuxMuxer(YamuxConfig.DEFAULT, new WindowBudget(WindowBudget.HOST_BYTES))),
            HANDSHAKE);
  }

  private record Names(PublicKey own) implements SecurityProtocol {
    @Override
    public String id() {
      return "/test/names/1";
    }

    @Override
    public ChannelHandler newHandler(boolean initiator, @Nullable PeerId expected) {
      return new NameHandler(own.toProtobuf());
    }
  }

  /** Sends the own key behind its length, and takes the other's. */
  private static final class NameHandler extends ByteToMessageDecoder {
    private final byte[] own;

    NameHandler(byte[] own) {
      this.own = own;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(ctx.alloc().buffer(own.length + 1).writeByte(own.length).writeBytes(own));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      if (in.readableBytes() > in.getUnsignedByte(in.readerIndex())) {
        byte[] encoded = new byte[in.readUnsignedByte()];
        in.readBytes(encoded);
        PublicKey key = PublicKey.fromProtobuf(encoded);
        ctx.fireUserEventTriggered(new Secured(PeerId.of(key), key, "/yamux/1.0.0"));
        ctx.pipeline().remove(this);
      }
    }
  }

  @Override
  public Optional<ConnectionUpgrade> upgrade() {
    return Optional.of(upgrader);
  }

  @Override
  public boolean handles(Multiaddr address) {
    return raw.handles(address);
  }

  @Override
  public Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException {
    return raw.listen(address, accepted);
  }

  @Override
  public Multiaddr remoteAddress(Channel channel) {
    return raw.remoteAddress(channel);
  }

  @Override
  public CompletableFuture<Channel> dial(Multiaddr address, Duration timeout) {
    return raw.dial(address, timeout);
  }

  @Override
  public void stopListening() {
    raw.stopListening();
  }

  @Override
  public void close() {
    raw.close();
  }
}
