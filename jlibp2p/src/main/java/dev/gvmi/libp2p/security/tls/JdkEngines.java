package dev.gvmi.libp2p.security.tls;

import io.netty.buffer.ByteBufAllocator;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * The engines of the JDK.
 *
 * <p>Each connection has a context of its own. A context remembers sessions: with one for all of
 * them there would be something to resume, and up to 20,480 peers' sessions to keep for a day.
 *
 * <p><b>Thread:</b> any.
 */
final class JdkEngines implements TlsEngines {
  private static final String[] VERSIONS = {"TLSv1.3"};
  private static final String AES_128 = "TLS_AES_128_GCM_SHA256";
  private static final String AES_256 = "TLS_AES_256_GCM_SHA384";
  private static final String CHACHA20 = "TLS_CHACHA20_POLY1305_SHA256";

  /** Processors with instructions for AES, where it runs at several times the speed of ChaCha20. */
  private static final Set<String> WITH_AES = Set.of("amd64", "x86_64", "aarch64");

  private final KeyManager[] keys;
  private final String[] protocols;
  private final String[] ciphers;
  private final SecureRandom random;

  JdkEngines(TlsCertificate own, List<String> muxers, SecureRandom random) {
    this.keys = new KeyManager[] {new OwnKey(own)};
    this.protocols = TlsEngines.protocols(muxers).toArray(String[]::new);
    this.ciphers =
        WITH_AES.contains(System.getProperty("os.arch", ""))
            ? new String[] {AES_128, AES_256, CHACHA20}
            : new String[] {CHACHA20, AES_128, AES_256};
    this.random = random;
  }

  @Override
  public SSLEngine create(boolean initiator, PeerTrust trust, ByteBufAllocator allocator) {
    SSLEngine engine = context(trust).createSSLEngine();
    engine.setUseClientMode(initiator);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(VERSIONS);
    parameters.setCipherSuites(ciphers);
    parameters.setNeedClientAuth(true);
    parameters.setApplicationProtocols(protocols);
    engine.setSSLParameters(parameters);
    if (!initiator) {
      engine.setHandshakeApplicationProtocolSelector((e, offered) -> choose(offered));
    }
    return engine;
  }

  private SSLContext context(PeerTrust trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys, new TrustManager[] {trust}, random);
      // The JDK sends no ticket when it would live longer than TLS 1.3 allows.
      context.getServerSessionContext().setSessionTimeout(Integer.MAX_VALUE);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS 1.3", e);
    }
  }

  /**
   * The first of the client's that is ours too; null, which ends the handshake, if there is none.
   */
  @SuppressWarnings("NullAway") // null is what the JDK's selector returns for "none is acceptable"
  private String choose(List<String> offered) {
    List<String> ours = List.of(protocols);
    return offered.stream().filter(ours::contains).findFirst().orElse(null);
  }
}
