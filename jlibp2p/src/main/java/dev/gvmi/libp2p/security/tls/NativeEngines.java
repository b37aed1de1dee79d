package dev.gvmi.libp2p.security.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The engines of BoringSSL, where its library can be had. Each connection has a context of its own
 * here too: a context has one trust for all its engines, and what is put into an engine's session
 * is gone when its handshake begins.
 */
final class NativeEngines implements TlsEngines {
  private static final String VERSION = "TLSv1.3";

  /**
   * Not the key itself: of that Netty would make a key store for each connection, behind a password
   * that takes its time.
   */
  private final OwnKey key;

  private final ApplicationProtocolConfig protocols;

  NativeEngines(TlsCertificate own, List<String> muxers) {
    this.key = new OwnKey(own);
    this.protocols =
        new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            TlsEngines.protocols(muxers));
  }

  static boolean areThere() {
    return OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL_REFCNT);
  }

  @Override
  public SSLEngine create(boolean initiator, PeerTrust trust, ByteBufAllocator allocator) {
    SslContext context = context(initiator, trust);
    try {
      return context.newEngine(allocator); // which holds the context as long as it needs it
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  private SslContext context(boolean initiator, PeerTrust trust) {
    SslContextBuilder builder =
        initiator
            ? SslContextBuilder.forClient().keyManager(key).endpointIdentificationAlgorithm("")
            : SslContextBuilder.forServer(key).clientAuth(ClientAuth.REQUIRE);
    try {
      return builder
          .sslProvider(SslProvider.OPENSSL_REFCNT)
          .protocols(VERSION)
          .trustManager(trust)
          .applicationProtocolConfig(protocols)
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("BoringSSL takes no certificate of this host", e);
    }
  }
}
