package dev.gvmi.libp2p.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerFuzzTest {
  private final Fuzz fuzz = Fuzz.allowing(IllegalArgumentException.class);

  private static List<byte[]> keys(String field) {
    return Vectors.all("peer-ids.json", "keys").map(v -> Vectors.hex(v, field)).toList();
  }

  private static byte[] envelope() {
    return Vectors.hex(Vectors.read("signed-peer-record.json"), "envelope");
  }

  @Test
  void peerIdBytes() {
    Fuzz.Decoder decoder = input -> assertThat(PeerId.fromBytes(input).toBytes()).isEqualTo(input);
    fuzz.mutations(keys("peerIdMultihash"), decoder);
    fuzz.refusesCuts(keys("peerIdMultihash"), decoder);
  }

  @Test
  void peerIdText() {
    for (String form : List.of("peerIdBase58", "peerIdCidBase32", "peerIdCidBase36")) {
      fuzz.textMutations(
          Vectors.all("peer-ids.json", "keys").map(v -> Vectors.text(v, form)).toList(),
          text -> {
            PeerId id = PeerId.parse(text);
            assertThat(PeerId.parse(id.toString())).isEqualTo(id);
            assertThat(PeerId.parse(id.toCidString())).isEqualTo(id);
          });
    }
  }

  @Test
  void publicKey() {
    Fuzz.Decoder decoder =
        input -> {
          PublicKey key = PublicKey.fromProtobuf(input);
          assertThat(PublicKey.fromProtobuf(key.toProtobuf())).isEqualTo(key);
        };
    fuzz.mutations(keys("publicKeyProtobuf"), decoder);
    fuzz.refusesCuts(keys("publicKeyProtobuf"), decoder);
  }

  @Test
  void privateKey() {
    fuzz.mutations(2_000, keys("privateKeyProtobuf"), HostKey::fromProtobuf);
    fuzz.refusesCuts(keys("privateKeyProtobuf").subList(1, 2), HostKey::fromProtobuf);
  }

  /** A key is read without a look inside; what is wrong there must come out as a wrong signature. */
  @Test
  void brokenKeysVerifyNothing() {
    byte[] message = "message".getBytes(StandardCharsets.UTF_8);
    List<byte[]> signatures =
        List.of(
            new byte[64],
            Vectors.hex(Vectors.read("signed-peer-record.json"), "signature"),
            new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1},
            new byte[] {0x30, 4, 4, 0, 4, 0},
            new byte[512]);
    for (byte[] signature : signatures) {
      fuzz.mutations(
          1_000,
          keys("publicKeyProtobuf"),
          input ->
              assertThat(PublicKey.fromProtobuf(input).verify(message, signature)).isFalse());
    }
  }

  @Test
  void brokenSignaturesAreNoSignatures() {
    byte[] message = "message".getBytes(StandardCharsets.UTF_8);
    List<byte[]> golden =
        List.of(new byte[64], new byte[512], new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1});
    for (byte[] bytes : keys("publicKeyProtobuf")) {
      PublicKey key = PublicKey.fromProtobuf(bytes);
      fuzz.mutations(
          1_000, golden, signature -> assertThat(key.verify(message, signature)).isFalse());
    }
  }

  @Test
  void signedEnvelope() {
    Fuzz.Decoder decoder = input -> SignedEnvelope.open(input, "libp2p-peer-record");
    fuzz.mutations(List.of(envelope()), decoder);
    fuzz.refusesCuts(List.of(envelope()), decoder);
  }

  @Test
  void peerRecord() {
    fuzz.mutations(List.of(envelope()), PeerRecord::open);
    fuzz.refusesCuts(List.of(envelope()), PeerRecord::open);
  }

  /** The record is what the peer says: its signature is right, whatever it signs. */
  @Test
  void peerRecordInsideARightSignature() {
    HostKey key = HostKey.fromProtobuf(keys("privateKeyProtobuf").get(1));
    byte[] payload = Vectors.hex(Vectors.read("signed-peer-record.json"), "payload");
    Fuzz.Decoder decoder =
        input -> {
          byte[] sealed =
              SignedEnvelope.sign(key, "libp2p-peer-record", new byte[] {3, 1}, input).toBytes();
          assertThat(PeerRecord.open(sealed).peer()).isEqualTo(key.peerId());
        };
    fuzz.mutations(2_000, List.of(payload), decoder);
    fuzz.cuts(List.of(payload), decoder);
  }
}
