package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.proto.NoiseHandshakePayload;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class NoiseFuzzTest {
  private final Fuzz fuzz = Fuzz.allowing(NoiseException.class);
  private final JsonNode vector = Vectors.read("noise-payload.json");
  private final byte[] point = Vectors.hex(vector, "noiseStaticPublic");
  private final byte[] golden = Vectors.hex(vector, "payloadProtobufWithYamuxExtension");
  private final byte[] without = Vectors.hex(vector, "payloadProtobufWithoutExtension");
  private final PeerId peer =
      PeerId.parse(
          Vectors.text(
              Vectors.read("noise-libp2p-transcript.json").required("initiator"),
              "identityPeerId"));

  private void readPayload(byte[] input) throws NoiseException {
    NoisePayload payload = NoisePayload.decode(input, point, null);
    assertThat(PeerId.of(payload.key())).isEqualTo(peer);
    assertThat(payload.muxers()).hasSizeLessThanOrEqualTo(32);
    assertThat(NoisePayload.decode(input, point, peer)).isEqualTo(payload);
  }

  @FuzzTest
  void payload(byte[] input) {
    fuzz.allocating(16 << 20).input(input, this::readPayload);
  }

  @Test
  void mutatedPayloads() {
    fuzz.mutations(List.of(golden, without), this::readPayload);
  }

  @Test
  void payloadCutAnywhere() {
    fuzz.refusesCuts(List.of(without), cut -> NoisePayload.decode(cut, point, null));
    fuzz.cuts(
        List.of(golden),
        cut -> {
          assertThat(NoisePayload.decode(cut, point, peer).muxers()).isEmpty();
          assertThat(cut).isEqualTo(without);
        });
  }

  /** What comes behind a right identity is the peer's to choose. */
  @Test
  void extensionsOfAnIdentityThatIsRight() throws Exception {
    byte[] identity = NoiseHandshakePayload.parseFrom(without).toByteArray();
    List<byte[]> extensions = List.of(Arrays.copyOfRange(golden, without.length, golden.length));
    fuzz.mutations(
        5_000,
        extensions,
        input -> {
          byte[] whole = Arrays.copyOf(identity, identity.length + input.length);
          System.arraycopy(input, 0, whole, identity.length, input.length);
          assertThat(NoisePayload.decode(whole, point, null).muxers()).hasSizeLessThan(33);
        });
  }

  private static NoiseUpgrade side(boolean initiator, JsonNode keys) throws NoiseException {
    return new NoiseUpgrade(
        initiator,
        HostKey.generate(new java.security.SecureRandom()),
        List.of("/yamux/1.0.0"),
        null,
        X25519.pair(Vectors.hex(keys, "staticPrivate")),
        X25519.pair(Vectors.hex(keys, "ephemeralPrivate")));
  }

  private static byte[] frame(JsonNode transcript, int index) {
    byte[] frame = HexFormat.of().parseHex(transcript.required("wireFrames").get(index).asString());
    return Arrays.copyOfRange(frame, 2, frame.length);
  }

  @Test
  void handshakeMessages() throws Exception {
    JsonNode transcript = Vectors.read("noise-libp2p-transcript.json");
    Fuzz.Decoder first =
        input -> {
          NoiseUpgrade responder = side(false, transcript.required("responder"));
          responder.receive(input);
          assertThat(responder.next()).isNotEmpty();
        };
    fuzz.mutations(300, List.of(frame(transcript, 0)), first);
    fuzz.refusesCuts(List.of(frame(transcript, 0)), first);
    Fuzz.Decoder second =
        input -> {
          NoiseUpgrade initiator = side(true, transcript.required("initiator"));
          assertThat(initiator.next()).isEqualTo(frame(transcript, 0));
          initiator.receive(input);
          assertThat(input).isEqualTo(frame(transcript, 1));
        };
    fuzz.mutations(300, List.of(frame(transcript, 1)), second);
    fuzz.refusesCuts(List.of(frame(transcript, 1)), second);
  }

  @Test
  void transportMessages() throws Exception {
    JsonNode transcript = Vectors.read("noise-libp2p-transcript.json");
    byte[] key = Vectors.hex(transcript, "initiatorToResponderKey");
    byte[] frame = Vectors.hex(transcript.required("transport").get(0), "frame");
    byte[] sealed = Arrays.copyOfRange(frame, 2, frame.length);
    Fuzz.Decoder decoder =
        input -> {
          new CipherState(key).decrypt(new byte[0], input);
          assertThat(input).isEqualTo(sealed);
        };
    fuzz.mutations(5_000, List.of(sealed), decoder);
    fuzz.refusesCuts(List.of(sealed), decoder);
  }
}
