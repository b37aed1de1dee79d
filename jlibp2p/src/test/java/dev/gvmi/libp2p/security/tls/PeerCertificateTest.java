package dev.gvmi.libp2p.security.tls;

import static dev.gvmi.libp2p.security.tls.CertificateBuilder.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class PeerCertificateTest {
  private final CertificateBuilder builder = new CertificateBuilder();

  static Stream<JsonNode> vectors() {
    return Vectors.all("tls.json", "certificates");
  }

  private static PeerId peerOf(X509Certificate... chain) throws CertificateException {
    return PeerId.of(PeerCertificate.verify(chain, NOW));
  }

  private static void assertRefused(X509Certificate certificate, String reason) {
    assertThatThrownBy(() -> peerOf(certificate))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void judgesTheCertificatesOfTheSpecification(JsonNode vector) throws Exception {
    X509Certificate certificate = CertificateBuilder.parse(Vectors.hex(vector, "der"));
    if (vector.required("valid").asBoolean()) {
      assertThat(peerOf(certificate)).hasToString(Vectors.text(vector, "peerId"));
    } else {
      assertRefused(certificate, "did not sign");
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void judgesThemAsSentToo(JsonNode vector) throws Exception {
    List<byte[]> chain = List.of(Vectors.hex(vector, "der"));
    if (vector.required("valid").asBoolean()) {
      assertThat(PeerId.of(PeerCertificate.verifyEncoded(chain, NOW)))
          .hasToString(Vectors.text(vector, "peerId"));
    } else {
      assertThatThrownBy(() -> PeerCertificate.verifyEncoded(chain, NOW))
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining("did not sign");
    }
  }

  @Test
  void refusesMoreOrFewerThanOneAsSentAndOneOverTheLimit() throws Exception {
    byte[] good = builder.identity(builder.host, false).encoded();
    for (List<byte[]> chain :
        List.of(
            List.<byte[]>of(),
            List.of(good, good),
            List.of(Arrays.copyOf(good, PeerCertificate.MAX_BYTES + 1)))) {
      assertThatThrownBy(() -> PeerCertificate.verifyEncoded(chain, NOW))
          .isInstanceOf(CertificateException.class);
    }
  }

  @Test
  void believesOneWithoutNamesAsSent() throws Exception {
    byte[] encoded = builder.nameless().identity(builder.host, false).encoded();
    assertThat(PeerId.of(PeerCertificate.verifyEncoded(List.of(encoded), NOW)))
        .isEqualTo(builder.host.peerId());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void findsTheKeyInfoAsSent(JsonNode vector) throws Exception {
    assertThat(PeerCertificate.subjectPublicKeyInfo(Vectors.hex(vector, "der")))
        .isEqualTo(Vectors.hex(vector, "spki"));
  }

  @Test
  void believesTheCertificatesThatHostsMake() throws Exception {
    HostKey host = HostKey.generate(new SecureRandom());
    X509Certificate own = TlsCertificate.issue(host, new SecureRandom(), NOW).certificate();
    assertThat(peerOf(own)).isEqualTo(host.peerId());
    assertThat(own.getEncoded().length).isLessThan(PeerCertificate.MAX_BYTES);
    assertThat(own.getNotBefore()).isBefore(java.util.Date.from(NOW));
    PeerCertificate.verify(new X509Certificate[] {own}, NOW.plus(Duration.ofDays(365 * 99)));
  }

  @Test
  void theExtensionMayBeCritical() throws Exception {
    assertThat(peerOf(builder.identity(builder.host, true).build()))
        .isEqualTo(builder.host.peerId());
  }

  @Test
  void refusesMoreOrFewerThanOne() throws Exception {
    X509Certificate good = builder.identity(builder.host, false).build();
    assertThatThrownBy(() -> peerOf(good, good)).isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> peerOf()).isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> PeerCertificate.verify(null, NOW))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void refusesOneThatIsNotValidNow() throws Exception {
    builder.identity(builder.host, false);
    Duration second = Duration.ofSeconds(1);
    X509Certificate old = builder.valid(NOW.minus(Duration.ofDays(1)), NOW.minus(second)).build();
    X509Certificate early = builder.valid(NOW.plus(second), NOW.plus(Duration.ofDays(1))).build();
    assertThatThrownBy(() -> peerOf(old)).isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> peerOf(early)).isInstanceOf(CertificateException.class);
  }

  @Test
  void refusesOneThatAnotherKeySigned() throws Exception {
    builder.identity(builder.host, false).signedBy(CertificateBuilder.newKey());
    assertRefused(builder.build(), "not signed by its own key");
  }

  @Test
  void refusesOneWithoutTheExtension() throws Exception {
    assertRefused(builder.build(), "no libp2p extension");
  }

  @Test
  void refusesAKeyThatAnotherHostSigned() throws Exception {
    HostKey other = HostKey.generate(new SecureRandom());
    assertRefused(builder.identity(other, false).build(), "did not sign");
  }

  @Test
  void refusesTheExtensionOfAnotherCertificate() throws Exception {
    CertificateBuilder other = new CertificateBuilder();
    builder.extension(PeerCertificate.EXTENSION, false, other.identityValue(other.host));
    assertRefused(builder.build(), "did not sign");
  }

  @Test
  void refusesAnUnknownCriticalExtension() throws Exception {
    builder.identity(builder.host, false).extension("1.2.3.4", true, new byte[] {5, 0});
    assertRefused(builder.build(), "critical");
  }

  @Test
  void ignoresAnUnknownExtensionThatIsNotCritical() throws Exception {
    builder.identity(builder.host, false).extension("1.2.3.4", false, new byte[] {5, 0});
    assertThat(peerOf(builder.build())).isEqualTo(builder.host.peerId());
  }

  @Test
  void refusesBytesBehindTheExtension() throws Exception {
    byte[] value = builder.identityValue(builder.host);
    builder.extension(PeerCertificate.EXTENSION, false, Arrays.copyOf(value, value.length + 1));
    assertRefused(builder.build(), "after the end");
  }

  @Test
  void refusesOneOverTheLimit() throws Exception {
    builder.identity(builder.host, false);
    builder.extension("1.2.3.4", false, new byte[PeerCertificate.MAX_BYTES]);
    assertRefused(builder.build(), "bytes");
  }

  @Test
  void believesOneWithoutNamesInAHandshake() throws Exception {
    byte[] encoded = builder.nameless().identity(builder.host, false).encoded();
    assertThat(peerOf(parsedInHandshake(encoded))).isEqualTo(builder.host.peerId());
  }

  @Test
  void checksOneWithoutNamesAsAnyOther() throws Exception {
    builder.nameless().identity(builder.host, false).signedBy(CertificateBuilder.newKey());
    assertRefused(parsedInHandshake(builder.encoded()), "not signed by its own key");
  }

  @Test
  void outsideOfHandshakesTheParserOfTheJdkDecides() throws Exception {
    NamelessCertificates.within(Runnable::run);
    byte[] encoded = builder.nameless().identity(builder.host, false).encoded();
    assertThatThrownBy(() -> CertificateBuilder.parse(encoded))
        .isInstanceOf(CertificateException.class);
  }

  private static X509Certificate parsedInHandshake(byte[] encoded) {
    CompletableFuture<X509Certificate> parsed = new CompletableFuture<>();
    NamelessCertificates.within(Runnable::run)
        .execute(() -> {
          try {
            parsed.complete(CertificateBuilder.parse(encoded));
          } catch (Exception e) {
            parsed.completeExceptionally(e);
          }
        });
    return parsed.join();
  }
}
