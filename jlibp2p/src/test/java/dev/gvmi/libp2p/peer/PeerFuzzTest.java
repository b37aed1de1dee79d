package dev.gvmi.libp2p.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerFuzzTest {
  private static final HostKey KEY = HostKey.fromProtobuf(keys("privateKeyProtobuf").get(1));

  private final Fuzz fuzz = Fuzz.allowing(IllegalArgumentException.class);

  private static List<byte[]> keys(String field) {
    return Vectors.all("peer-ids.json", "keys").map(v -> Vectors.hex(v, field)).toList();
  }

  private static byte[] envelope() {
    return Vectors.hex(Vectors.read("signed-peer-record.json"), "envelope");
  }

  private static void check(PeerId id) {
    assertThat(PeerId.parse(id.toString())).isEqualTo(id);
    assertThat(PeerId.parse(id.toCidString())).isEqualTo(id);
    assertThat(PeerId.fromBytes(id.toBytes())).isEqualTo(id).isEqualByComparingTo(id);
    assertThat(id.toShortString()).hasSizeLessThanOrEqualTo(9);
  }

  private static void readId(byte[] input) {
    PeerId id = PeerId.fromBytes(input);
    assertThat(id.toBytes()).isEqualTo(input);
    check(id);
  }

  @FuzzTest
  void peerIdBytes(byte[] input) {
    fuzz.input(input, PeerFuzzTest::readId);
  }

  @Test
  void mutatedPeerIds() {
    fuzz.mutations(keys("peerIdMultihash"), PeerFuzzTest::readId);
    fuzz.refusesCuts(keys("peerIdMultihash"), PeerFuzzTest::readId);
  }

  private static void readId(String text) {
    check(PeerId.parse(text));
  }

  @FuzzTest
  void peerIdText(byte[] input) {
    fuzz.text(input, PeerFuzzTest::readId);
  }

  @Test
  void mutatedPeerIdTexts() {
    for (String form : List.of("peerIdBase58", "peerIdCidBase32", "peerIdCidBase36")) {
      fuzz.textMutations(
          Vectors.all("peer-ids.json", "keys").map(v -> Vectors.text(v, form)).toList(),
          PeerFuzzTest::readId);
    }
  }

  private static void readKey(byte[] input) {
    PublicKey key = PublicKey.fromProtobuf(input);
    assertThat(PublicKey.fromProtobuf(key.toProtobuf())).isEqualTo(key);
    check(PeerId.of(key));
  }

  @FuzzTest
  void publicKey(byte[] input) {
    fuzz.input(input, PeerFuzzTest::readKey);
  }

  @Test
  void mutatedPublicKeys() {
    fuzz.mutations(keys("publicKeyProtobuf"), PeerFuzzTest::readKey);
    fuzz.refusesCuts(keys("publicKeyProtobuf"), PeerFuzzTest::readKey);
  }

  /**
   * The first byte says how many of the others, times four, are the key; the rest is the signature.
   */
  @FuzzTest
  void signature(byte[] input) {
    int split = input.length == 0 ? 0 : Math.min(input.length, 1 + 4 * (input[0] & 0xff));
    byte[] message = "message".getBytes(StandardCharsets.UTF_8);
    fuzz.allocating(16 << 20)
        .input(
            input,
            all ->
                PublicKey.fromProtobuf(Arrays.copyOfRange(all, Math.min(1, split), split))
                    .verify(message, Arrays.copyOfRange(all, split, all.length)));
  }

  @Test
  void mutatedPrivateKeys() {
    fuzz.mutations(2_000, keys("privateKeyProtobuf"), HostKey::fromProtobuf);
    fuzz.refusesCuts(keys("privateKeyProtobuf").subList(1, 2), HostKey::fromProtobuf);
  }

  /**
   * A key is read without a look inside; what is wrong there must come out as a wrong signature.
   */
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
          200,
          keys("publicKeyProtobuf"),
          input -> assertThat(PublicKey.fromProtobuf(input).verify(message, signature)).isFalse());
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
          300, golden, signature -> assertThat(key.verify(message, signature)).isFalse());
    }
  }

  private static void openEnvelope(byte[] input) {
    SignedEnvelope envelope = SignedEnvelope.open(input, "libp2p-peer-record");
    SignedEnvelope again = SignedEnvelope.open(envelope.toBytes(), "libp2p-peer-record");
    assertThat(again.payload()).isEqualTo(envelope.payload());
    assertThat(again.signer()).isEqualTo(envelope.signer());
  }

  @FuzzTest
  void signedEnvelope(byte[] input) {
    fuzz.allocating(16 << 20).input(input, PeerFuzzTest::openEnvelope);
  }

  @Test
  void mutatedEnvelopes() {
    fuzz.mutations(List.of(envelope()), PeerFuzzTest::openEnvelope);
    fuzz.refusesCuts(List.of(envelope()), PeerFuzzTest::openEnvelope);
  }

  @Test
  void mutatedPeerRecords() {
    fuzz.mutations(List.of(envelope()), PeerRecord::open);
    fuzz.refusesCuts(List.of(envelope()), PeerRecord::open);
  }

  /** The record is what the peer says: its signature is right, whatever it signs. */
  private static void openSigned(HostKey key, byte[] payload) {
    byte[] type = {3, 1};
    PeerRecord record =
        PeerRecord.open(SignedEnvelope.sign(key, "libp2p-peer-record", type, payload).toBytes());
    assertThat(record.peer()).isEqualTo(key.peerId());
    assertThat(record.addresses()).hasSizeLessThanOrEqualTo(256);
    assertThat(PeerRecord.open(record.sign(key).toBytes())).isEqualTo(record);
  }

  @FuzzTest
  void peerRecord(byte[] input) {
    fuzz.allocating(16 << 20).input(input, payload -> openSigned(KEY, payload));
  }

  @Test
  void mutatedPeerRecordsInsideARightSignature() {
    byte[] payload = Vectors.hex(Vectors.read("signed-peer-record.json"), "payload");
    fuzz.mutations(2_000, List.of(payload), input -> openSigned(KEY, input));
    fuzz.cuts(List.of(payload), input -> openSigned(KEY, input));
  }
}
