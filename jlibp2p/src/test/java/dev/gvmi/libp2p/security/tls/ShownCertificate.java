package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/** What a peer shows in a handshake at {@link #NOW}, and whom it names if it is believed. */
public record ShownCertificate(String name, TlsCertificate certificate, PeerId peer) {
  public static final Instant NOW = CertificateBuilder.NOW;

  private static ShownCertificate of(String name, CertificateBuilder builder) {
    try {
      return new ShownCertificate(
          name,
          new TlsCertificate(
              builder.key().getPrivate(), NamelessCertificates.parse(builder.encoded())),
          builder.host.peerId());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static CertificateBuilder proper() {
    CertificateBuilder builder = new CertificateBuilder();
    return builder.identity(builder.host, false);
  }

  /** Certificates that must be believed. */
  public static Stream<ShownCertificate> good() {
    return Stream.of(of("proper", proper()), of("nameless", proper().nameless()));
  }

  /** Certificates that nobody may believe. */
  public static Stream<ShownCertificate> bad() {
    CertificateBuilder liar = new CertificateBuilder();
    return Stream.of(
        of("old", proper().valid(NOW.minus(Duration.ofDays(1)), NOW.minusSeconds(1))),
        of("early", proper().valid(NOW.plusSeconds(60), NOW.plus(Duration.ofDays(1)))),
        of("signed by another key", proper().signedBy(CertificateBuilder.newKey())),
        of("without extension", new CertificateBuilder()),
        of("of another host", liar.identity(HostKey.generate(new SecureRandom()), false)),
        of("unknown critical extension", proper().extension("1.2.3.4", true, new byte[] {5, 0})));
  }

  @Override
  public String toString() {
    return name;
  }
}
