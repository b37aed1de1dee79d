package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.security.tls.PeerCertificate;
import dev.gvmi.libp2p.security.tls.TlsCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.AttributeKey;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 inside QUIC, with the certificates of {@code /tls/1.0.0} on both sides. Whom a connection
 * leads to is kept in its own session, where the check of the certificate puts it; a session
 * without is nobody's.
 *
 * <p><b>Thread:</b> any; certificates are checked on the threads for handshakes.
 *
 * <p><b>Source:</b> libp2p TLS specification 1.0, libp2p QUIC specification.
 */
final class QuicTls {
  /** Whom a dial is for; none if anyone is welcome. */
  static final AttributeKey<PeerId> EXPECTED = AttributeKey.valueOf(QuicTls.class, "expected");

  private static final String PROTOCOL = "libp2p";
  private static final String EXPECTED_VALUE = "expected peer";
  private static final String PEER_VALUE = "peer";
  private static final String REFUSAL_VALUE = "refusal";

  private final QuicSslContext client;
  private final QuicSslContext server;

  QuicTls(TlsCertificate own, InstantSource clock) {
    SessionTrust trust = new SessionTrust(clock);
    this.client =
        QuicSslContextBuilder.forClient()
            .keyManager(own.key(), null, own.certificate())
            .trustManager(trust)
            .endpointIdentificationAlgorithm("")
            .applicationProtocols(PROTOCOL)
            .build();
    this.server =
        QuicSslContextBuilder.forServer(own.key(), null, own.certificate())
            .trustManager(trust)
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocols(PROTOCOL)
            .build();
  }

  QuicSslEngine dialler(QuicChannel channel) {
    QuicSslEngine engine = client.newEngine(channel.alloc());
    PeerId expected = channel.attr(EXPECTED).get();
    if (expected != null) {
      engine.getSession().putValue(EXPECTED_VALUE, expected);
    }
    return engine;
  }

  QuicSslEngine listener(ByteBufAllocator allocator) {
    return server.newEngine(allocator);
  }

  /** Who has proved itself on a connection that agreed on libp2p, if anyone has. */
  static Optional<PublicKey> peer(QuicChannel channel) {
    SSLEngine engine = channel.sslEngine();
    if (engine == null || !PROTOCOL.equals(engine.getApplicationProtocol())) {
      return Optional.empty();
    }
    return Optional.ofNullable((PublicKey) engine.getSession().getValue(PEER_VALUE));
  }

  /** Why its certificate was refused, if it was. */
  static Optional<String> refusal(QuicChannel channel) {
    SSLEngine engine = channel.sslEngine();
    return engine == null
        ? Optional.empty()
        : Optional.ofNullable((String) engine.getSession().getValue(REFUSAL_VALUE));
  }

  /** Believes a peer by {@link PeerCertificate}. */
  private static final class SessionTrust extends X509ExtendedTrustManager {
    private final InstantSource clock;

    SessionTrust(InstantSource clock) {
      this.clock = clock;
    }

    private void check(X509Certificate @Nullable [] chain, SSLEngine engine)
        throws CertificateException {
      SSLSession session = engine.getSession();
      try {
        session.putValue(PEER_VALUE, verify(chain, session));
      } catch (CertificateException e) {
        session.putValue(REFUSAL_VALUE, String.valueOf(e.getMessage()));
        throw e;
      }
    }

    private PublicKey verify(X509Certificate @Nullable [] chain, SSLSession session)
        throws CertificateException {
      PublicKey key = PeerCertificate.verifyAnew(chain, clock.instant());
      PeerId id = PeerId.of(key);
      Object expected = session.getValue(EXPECTED_VALUE);
      if (expected != null && !expected.equals(id)) {
        throw new CertificateException("tls: expected peer " + expected + ", got " + id);
      }
      return key;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw noSession();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw noSession();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw noSession();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw noSession();
    }

    private static CertificateException noSession() {
      return new CertificateException("tls: a certificate without a session");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
