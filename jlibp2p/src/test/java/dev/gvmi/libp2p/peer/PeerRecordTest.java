package dev.gvmi.libp2p.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class PeerRecordTest {
  private final JsonNode vector = Vectors.read("signed-peer-record.json");
  private final String domain = Vectors.text(vector, "domain");
  private final long sequence = Long.parseLong(Vectors.text(vector, "seq"));
  private final HostKey key =
      Vectors.all("peer-ids.json", "keys")
          .filter(v -> Vectors.text(v, "type").equals("Ed25519"))
          .map(v -> HostKey.fromProtobuf(Vectors.hex(v, "privateKeyProtobuf")))
          .findFirst()
          .orElseThrow();

  private byte[] hex(String field) {
    return Vectors.hex(vector, field);
  }

  private List<Multiaddr> addresses() {
    List<Multiaddr> addresses = new ArrayList<>();
    for (JsonNode address : vector.required("addresses").valueStream().toList()) {
      Multiaddr parsed = Multiaddr.parse(Vectors.text(address, "text"));
      assertThat(parsed.toBytes()).isEqualTo(Vectors.hex(address, "bytes"));
      addresses.add(parsed);
    }
    return addresses;
  }

  @Test
  void opensTheRecordOfAnotherImplementation() {
    PeerRecord record = PeerRecord.open(hex("envelope"));
    assertThat(record).isEqualTo(new PeerRecord(key.peerId(), sequence, addresses()));
    SignedEnvelope envelope = SignedEnvelope.open(hex("envelope"), domain);
    assertThat(envelope.signer()).isEqualTo(key.publicKey());
    assertThat(envelope.payloadType()).isEqualTo(hex("payloadType"));
    assertThat(envelope.payload()).isEqualTo(hex("payload"));
    assertThat(envelope.toBytes()).isEqualTo(hex("envelope"));
  }

  @Test
  void signsAsAnotherImplementationDoes() {
    PeerRecord record = new PeerRecord(key.peerId(), sequence, addresses());
    assertThat(record.sign(key).toBytes()).isEqualTo(hex("envelope"));
    assertThat(record.sign(key).payload()).isEqualTo(hex("payload"));
    assertThat(key.sign(hex("unsignedBuffer"))).isEqualTo(hex("signature"));
    assertThat(key.publicKey().verify(hex("unsignedBuffer"), hex("signature"))).isTrue();
  }

  @Test
  void rejectsAnotherDomainAndAnotherType() {
    String relay = Vectors.text(vector, "relayVoucherDomain");
    byte[] voucher = hex("relayVoucherPayloadType");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignedEnvelope.open(hex("envelope"), relay));
    byte[] ofRelay = SignedEnvelope.sign(key, relay, voucher, hex("payload")).toBytes();
    assertThat(SignedEnvelope.open(ofRelay, relay).payloadType()).isEqualTo(voucher);
    assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(ofRelay));
    byte[] ofType = SignedEnvelope.sign(key, domain, voucher, hex("payload")).toBytes();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeerRecord.open(ofType))
        .withMessageContaining("no peer record");
  }

  @Test
  void rejectsARecordThatAnotherPeerSigned() {
    HostKey other = HostKey.generate(new java.security.SecureRandom());
    byte[] foreign =
        SignedEnvelope.sign(other, domain, hex("payloadType"), hex("payload")).toBytes();
    assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(foreign));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PeerRecord(key.peerId(), 1, List.of()).sign(other));
  }

  @Test
  void rejectsAnyChangedByteOfWhatIsSigned() {
    byte[] whole = hex("envelope");
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(changed));
    }
  }

  @Test
  void leavesOutAddressesThatItDoesNotKnowAndRefusesTooMany() {
    Multiaddr good = addresses().getFirst();
    byte[] known = new PeerRecord(key.peerId(), 7, List.of(good)).sign(key).payload();
    byte[] unknown = Arrays.copyOf(known, known.length + 6);
    System.arraycopy(new byte[] {0x1a, 4, 0x0a, 2, -1, 127}, 0, unknown, known.length, 6);
    byte[] sealed = SignedEnvelope.sign(key, domain, hex("payloadType"), unknown).toBytes();
    assertThat(PeerRecord.open(sealed).addresses()).containsExactly(good);
    List<Multiaddr> most = java.util.Collections.nCopies(256, good);
    assertThat(
            PeerRecord.open(new PeerRecord(key.peerId(), 7, most).sign(key).toBytes()).addresses())
        .hasSize(256);
    List<Multiaddr> more = java.util.Collections.nCopies(257, good);
    byte[] tooMany = new PeerRecord(key.peerId(), 7, more).sign(key).toBytes();
    assertThatIllegalArgumentException().isThrownBy(() -> PeerRecord.open(tooMany));
  }

  @Test
  void rejectsAnEnvelopeOverTheLimit() {
    byte[] large = "x".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
    byte[] sealed = SignedEnvelope.sign(key, domain, hex("payloadType"), large).toBytes();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignedEnvelope.open(sealed, domain))
        .withMessageContaining("bytes");
  }
}
