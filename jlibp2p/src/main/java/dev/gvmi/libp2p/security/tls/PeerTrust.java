package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes the one certificate of one connection by {@link PeerCertificate}, and keeps whose it is.
 * It is an extended trust manager because the JDK adds checks of names and authorities around a
 * plain one.
 *
 * <p><b>Thread:</b> any; the handshake's.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private final @Nullable PeerId expected;
  private final InstantSource clock;

  /** Written by the thread of the handshake, read by the event loop. */
  private volatile @Nullable PublicKey peer;

  PeerTrust(@Nullable PeerId expected, InstantSource clock) {
    this.expected = expected;
    this.clock = clock;
  }

  /** Who has proved itself, if anyone has. */
  Optional<PublicKey> peer() {
    return Optional.ofNullable(peer);
  }

  private void check(X509Certificate @Nullable [] chain) throws CertificateException {
    PublicKey key = PeerCertificate.verifyAnew(chain, clock.instant());
    PeerId id = PeerId.of(key);
    if (expected != null && !id.equals(expected)) {
      throw new CertificateException("tls: expected peer " + expected + ", got " + id);
    }
    peer = key;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
