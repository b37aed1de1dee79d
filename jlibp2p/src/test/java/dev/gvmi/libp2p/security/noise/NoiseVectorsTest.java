package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class NoiseVectorsTest {
  private static final byte[] NONE = new byte[0];

  private static NoiseHandshake side(
      boolean initiator, byte[] prologue, JsonNode keys, String secret, String ephemeral)
      throws NoiseException {
    return new NoiseHandshake(
        initiator,
        prologue,
        X25519.pair(Vectors.hex(keys, secret)),
        X25519.pair(Vectors.hex(keys, ephemeral)));
  }

  @Test
  void theXxVectorOfCacophony() throws Exception {
    JsonNode vector = Vectors.all("noise-xx.json", "vectors").findFirst().orElseThrow();
    NoiseHandshake a =
        side(true, Vectors.hex(vector, "init_prologue"), vector, "init_static", "init_ephemeral");
    NoiseHandshake b =
        side(false, Vectors.hex(vector, "resp_prologue"), vector, "resp_static", "resp_ephemeral");
    List<JsonNode> messages = vector.required("messages").valueStream().toList();
    for (int i = 0; i < 3; i++) {
      NoiseHandshake from = i % 2 == 0 ? a : b;
      NoiseHandshake to = i % 2 == 0 ? b : a;
      byte[] payload = Vectors.hex(messages.get(i), "payload");
      byte[] sealed = from.write(payload);
      assertThat(sealed).isEqualTo(Vectors.hex(messages.get(i), "ciphertext"));
      assertThat(to.read(sealed)).isEqualTo(payload);
    }
    NoiseTransport ofA = a.split();
    NoiseTransport ofB = b.split();
    for (int i = 3; i < messages.size(); i++) {
      CipherState from = i % 2 == 0 ? ofA.sender() : ofB.sender();
      CipherState to = i % 2 == 0 ? ofB.receiver() : ofA.receiver();
      byte[] payload = Vectors.hex(messages.get(i), "payload");
      byte[] sealed = from.encrypt(NONE, payload);
      assertThat(sealed).isEqualTo(Vectors.hex(messages.get(i), "ciphertext"));
      assertThat(to.decrypt(NONE, sealed)).isEqualTo(payload);
    }
  }

  @Test
  void aWholeHandshakeOfLibp2p() throws Exception {
    JsonNode vector = Vectors.read("noise-libp2p-transcript.json");
    JsonNode i = vector.required("initiator");
    JsonNode r = vector.required("responder");
    NoiseHandshake a = side(true, NONE, i, "staticPrivate", "ephemeralPrivate");
    NoiseHandshake b = side(false, NONE, r, "staticPrivate", "ephemeralPrivate");
    List<JsonNode> frames = vector.required("wireFrames").valueStream().toList();
    byte[] first = unframed(frames.get(0));
    assertThat(a.write(NONE)).isEqualTo(first);
    assertThat(b.read(first)).isEmpty();
    byte[] second = unframed(frames.get(1));
    assertThat(b.write(Vectors.hex(r, "payload"))).isEqualTo(second);
    NoisePayload ofB = NoisePayload.decode(a.read(second), a.remoteStatic(), null);
    assertThat(PeerId.of(ofB.key())).hasToString(Vectors.text(r, "identityPeerId"));
    byte[] third = unframed(frames.get(2));
    assertThat(a.write(Vectors.hex(i, "payload"))).isEqualTo(third);
    PeerId expected = PeerId.parse(Vectors.text(i, "identityPeerId"));
    NoisePayload ofA = NoisePayload.decode(b.read(third), b.remoteStatic(), expected);
    assertThat(NoisePayload.agree(ofA.muxers(), ofB.muxers()))
        .isEqualTo(Vectors.text(vector, "negotiatedMuxer"));

    NoiseTransport sideA = a.split();
    NoiseTransport sideB = b.split();
    for (JsonNode message : vector.required("transport").valueStream().toList()) {
      boolean forth = Vectors.text(message, "direction").equals("i->r");
      byte[] plain = Vectors.hex(message, "plaintext");
      byte[] sealed = unframed(message.required("frame"));
      assertThat((forth ? sideA : sideB).sender().encrypt(NONE, plain)).isEqualTo(sealed);
      assertThat((forth ? sideB : sideA).receiver().decrypt(NONE, sealed)).isEqualTo(plain);
    }
  }

  private static byte[] unframed(JsonNode frame) {
    ByteBuffer bytes = ByteBuffer.wrap(java.util.HexFormat.of().parseHex(frame.asString()));
    byte[] message = new byte[Short.toUnsignedInt(bytes.getShort())];
    bytes.get(message);
    assertThat(bytes.hasRemaining()).isFalse();
    return message;
  }

  @Test
  void thePayloadWithAndWithoutMuxers() throws Exception {
    JsonNode vector = Vectors.read("noise-payload.json");
    byte[] point = Vectors.hex(vector, "noiseStaticPublic");
    assertThat(X25519.pair(Vectors.hex(vector, "noiseStaticPrivate")).point()).isEqualTo(point);
    byte[] with = Vectors.hex(vector, "payloadProtobufWithYamuxExtension");
    NoisePayload decoded = NoisePayload.decode(with, point, null);
    assertThat(decoded.muxers()).containsExactly("/yamux/1.0.0");
    byte[] without = Vectors.hex(vector, "payloadProtobufWithoutExtension");
    assertThat(NoisePayload.decode(without, point, null).muxers()).isEmpty();
    HostKey key = HostKey.fromProtobuf(specKey());
    assertThat(NoisePayload.encode(key, point, List.of("/yamux/1.0.0"))).isEqualTo(with);
  }

  private static byte[] specKey() {
    return Vectors.all("peer-ids.json", "keys")
        .filter(v -> Vectors.text(v, "type").equals("Ed25519"))
        .map(v -> Vectors.hex(v, "privateKeyProtobuf"))
        .findFirst()
        .orElseThrow();
  }
}
