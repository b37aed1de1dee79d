package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.security.Secured;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Puts Netty's {@link SslHandler} in front of itself, tells who the peer is when its handshake is
 * done, and leaves.
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
final class TlsHandler extends ChannelInboundHandlerAdapter {
  private final Function<ByteBufAllocator, SslHandler> factory;
  private final PeerTrust trust;
  private @Nullable SSLEngine engine;

  TlsHandler(Function<ByteBufAllocator, SslHandler> factory, PeerTrust trust) {
    this.factory = factory;
    this.trust = trust;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    SslHandler tls = factory.apply(ctx.alloc());
    engine = tls.engine();
    ctx.pipeline().addBefore(ctx.name(), "tls", tls);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (!(event instanceof SslHandshakeCompletionEvent done)) {
      super.userEventTriggered(ctx, event);
      return;
    }
    Optional<PublicKey> peer = trust.peer();
    if (done.isSuccess() && peer.isPresent()) {
      Secured secured = new Secured(PeerId.of(peer.get()), peer.get(), muxer());
      ctx.fireUserEventTriggered(secured);
      ctx.pipeline().remove(this);
      return;
    }
    ctx.fireExceptionCaught(failure(done.cause()));
    ctx.close();
  }

  /** The muxer that the handshake agreed on; null if multistream-select must follow. */
  private @Nullable String muxer() {
    String agreed = engine == null ? null : engine.getApplicationProtocol();
    return agreed == null || agreed.isEmpty() || agreed.equals(TlsEngines.NO_MUXER) ? null : agreed;
  }

  /**
   * The certificate's own fault, if it is one: BoringSSL's engine wraps it in words that say
   * nothing.
   */
  private static IOException failure(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof CertificateException refused) {
        return new IOException(String.valueOf(refused.getMessage()), cause);
      }
    }
    if (cause instanceof IOException io) {
      return io;
    }
    return new IOException("tls: handshake failed", cause);
  }
}
