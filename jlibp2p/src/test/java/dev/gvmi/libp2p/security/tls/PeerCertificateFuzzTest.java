package dev.gvmi.libp2p.security.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.PeerId;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class PeerCertificateFuzzTest {
  private final Fuzz fuzz = Fuzz.allowing(CertificateException.class);
  private final List<JsonNode> vectors =
      Vectors.all("tls.json", "certificates").filter(v -> v.required("valid").asBoolean()).toList();
  private final List<byte[]> golden = vectors.stream().map(v -> Vectors.hex(v, "der")).toList();
  private final List<String> peers = vectors.stream().map(v -> Vectors.text(v, "peerId")).toList();

  @Test
  void aChangedCertificateIsRefusedOrNamesTheSamePeer() {
    fuzz.mutations(
        3_000,
        golden,
        input -> {
          X509Certificate[] chain = {CertificateBuilder.parse(input)};
          PeerId peer = PeerId.of(PeerCertificate.verify(chain, CertificateBuilder.NOW));
          assertThat(peers).contains(peer.toString());
        });
  }

  @Test
  void keyInfo() {
    fuzz.mutations(
        golden, input -> assertThat(PeerCertificate.subjectPublicKeyInfo(input)).isNotNull());
  }

  @Test
  void keyInfoCutAnywhere() {
    fuzz.refusesCuts(golden, PeerCertificate::subjectPublicKeyInfo);
  }

  @Test
  void aChangedCertificateWithoutNamesIsRefusedOrNamesTheSamePeer() throws Exception {
    CertificateBuilder builder = new CertificateBuilder();
    byte[] nameless = builder.nameless().identity(builder.host, false).encoded();
    CertificateFactory factory = CertificateFactory.getInstance("X.509", "SUN");
    fuzz.mutations(
        3_000,
        List.of(nameless),
        input -> {
          X509Certificate[] chain = {NamelessCertificate.parse(input, factory)};
          PeerId peer = PeerId.of(PeerCertificate.verify(chain, CertificateBuilder.NOW));
          assertThat(peer).isEqualTo(builder.host.peerId());
        });
  }
}
