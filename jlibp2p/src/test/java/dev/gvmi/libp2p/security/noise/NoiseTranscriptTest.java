package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import dev.gvmi.libp2p.security.Secured;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The recorded handshake, byte for byte, through the handler that speaks it on a connection. */
final class NoiseTranscriptTest {
  private static final byte[] NONE = new byte[0];

  private final JsonNode vector = Vectors.read("noise-libp2p-transcript.json");
  private final List<byte[]> frames =
      vector.required("wireFrames").valueStream().map(f -> bytes(f.asString())).toList();
  private final List<Secured> secured = new ArrayList<>();
  private final EmbeddedChannel initiator =
      side(true, initiatorKey(), vector.required("initiator"), peer("responder"));
  private final EmbeddedChannel responder =
      side(false, responderKey(), vector.required("responder"), null);

  /** Also where a test does not use them: what they have written at once is in them. */
  @AfterEach
  void releaseAll() {
    initiator.finishAndReleaseAll();
    responder.finishAndReleaseAll();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private PeerId peer(String side) {
    return PeerId.parse(Vectors.text(vector.required(side), "identityPeerId"));
  }

  private static HostKey initiatorKey() {
    return Vectors.all("peer-ids.json", "keys")
        .filter(v -> Vectors.text(v, "type").equals("Ed25519"))
        .map(v -> HostKey.fromProtobuf(Vectors.hex(v, "privateKeyProtobuf")))
        .findFirst()
        .orElseThrow();
  }

  /** The vector has its seed; the public key is in its payload. */
  private HostKey responderKey() {
    JsonNode side = vector.required("responder");
    byte[] publicKey = Arrays.copyOfRange(Vectors.hex(side, "payload"), 6, 38);
    return HostKey.fromProtobuf(
        bytes(
            "08011240" + Vectors.text(side, "identitySeed") + HexFormat.of().formatHex(publicKey)));
  }

  private EmbeddedChannel side(
      boolean opens, HostKey key, JsonNode keys, @Nullable PeerId expected) {
    try {
      return new EmbeddedChannel(
          new NoiseHandler(
              new NoiseUpgrade(
                  opens,
                  key,
                  List.of(Vectors.text(vector, "negotiatedMuxer")),
                  expected,
                  X25519.pair(Vectors.hex(keys, "staticPrivate")),
                  X25519.pair(Vectors.hex(keys, "ephemeralPrivate")))),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
              secured.add((Secured) event);
            }
          });
    } catch (NoiseException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] sent(EmbeddedChannel channel) {
    return taken(channel.readOutbound());
  }

  private static byte[] taken(@Nullable ByteBuf buffer) {
    if (buffer == null) {
      return NONE;
    }
    byte[] bytes = ByteBufUtil.getBytes(buffer);
    buffer.release();
    return bytes;
  }

  private static void feed(EmbeddedChannel channel, byte[] bytes) {
    for (byte b : bytes) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {b}));
    }
  }

  private void shakeHands() {
    assertThat(sent(initiator)).isEqualTo(frames.get(0));
    feed(responder, frames.get(0));
    assertThat(sent(responder)).isEqualTo(frames.get(1));
    feed(initiator, frames.get(1));
    assertThat(sent(initiator)).isEqualTo(frames.get(2));
    feed(responder, frames.get(2));
  }

  @Test
  void handshakeByteByByte() {
    shakeHands();
    assertThat(secured)
        .extracting(Secured::peer)
        .containsExactly(peer("responder"), peer("initiator"));
    assertThat(secured)
        .extracting(Secured::muxer)
        .containsOnly(Vectors.text(vector, "negotiatedMuxer"));
    assertThat(initiator.finish()).isFalse();
    assertThat(responder.finish()).isFalse();
  }

  @Test
  void transportAfterIt() {
    shakeHands();
    for (JsonNode message : vector.required("transport").valueStream().toList()) {
      boolean forth = Vectors.text(message, "direction").equals("i->r");
      EmbeddedChannel from = forth ? initiator : responder;
      EmbeddedChannel to = forth ? responder : initiator;
      byte[] plain = Vectors.hex(message, "plaintext");
      from.writeOutbound(Unpooled.copiedBuffer(plain));
      assertThat(sent(from)).isEqualTo(Vectors.hex(message, "frame"));
      feed(to, Vectors.hex(message, "frame"));
      assertThat(taken(to.readInbound())).isEqualTo(plain);
    }
    assertThat(initiator.finish()).isFalse();
    assertThat(responder.finish()).isFalse();
  }

  @Test
  void aFrameThatComesTwiceEndsTheConnection() {
    shakeHands();
    byte[] frame = Vectors.hex(vector.required("transport").get(0), "frame");
    feed(responder, frame);
    taken(responder.readInbound());
    assertThatThrownBy(() -> responder.writeInbound(Unpooled.copiedBuffer(frame)))
        .isInstanceOf(NoiseException.class);
    assertThat(responder.isOpen()).isFalse();
  }

  @Test
  void keysAreThoseOfTheVector() throws Exception {
    for (JsonNode message : vector.required("transport").valueStream().limit(2).toList()) {
      boolean forth = Vectors.text(message, "direction").equals("i->r");
      String field = forth ? "initiatorToResponderKey" : "responderToInitiatorKey";
      byte[] frame = Vectors.hex(message, "frame");
      byte[] sealed = Arrays.copyOfRange(frame, 2, frame.length);
      byte[] key = Vectors.hex(vector, field);
      byte[] plain = Vectors.hex(message, "plaintext");
      assertThat(new CipherState(key).encrypt(NONE, plain)).isEqualTo(sealed);
      assertThat(new CipherState(key).decrypt(NONE, sealed)).isEqualTo(plain);
    }
  }

  @Test
  void payloadsAreThoseOfTheVector() throws Exception {
    for (String side : List.of("initiator", "responder")) {
      JsonNode keys = vector.required(side);
      HostKey key = side.equals("initiator") ? initiatorKey() : responderKey();
      assertThat(key.peerId()).isEqualTo(peer(side));
      byte[] point = X25519.pair(Vectors.hex(keys, "staticPrivate")).point();
      assertThat(NoisePayload.encode(key, point, List.of("/yamux/1.0.0")))
          .isEqualTo(Vectors.hex(keys, "payload"));
    }
  }

  @Test
  void messagesHaveTheSizesOfTheVector() {
    JsonNode sizes = Vectors.read("noise-payload.json").required("messageSizes");
    int second = Vectors.hex(vector.required("responder"), "payload").length;
    int third = Vectors.hex(vector.required("initiator"), "payload").length;
    assertThat(frames.get(0)).hasSize(2 + sizes.required("msg1").asInt());
    assertThat(frames.get(1)).hasSize(2 + sizes.required("msg2FixedOverhead").asInt() + second);
    assertThat(frames.get(2)).hasSize(2 + sizes.required("msg3FixedOverhead").asInt() + third);
  }

  @Test
  void theSignatureIsThatOfTheVector() throws Exception {
    JsonNode payload = Vectors.read("noise-payload.json");
    byte[] signed = Vectors.hex(payload, "signedBytes");
    byte[] signature = Vectors.hex(payload, "identitySig");
    assertThat(initiatorKey().sign(signed)).isEqualTo(signature);
    PublicKey key = initiatorKey().publicKey();
    assertThat(key.verify(signed, signature)).isTrue();
    assertThat(
            NoisePayload.encode(
                initiatorKey(), Vectors.hex(payload, "noiseStaticPublic"), List.of()))
        .isEqualTo(Vectors.hex(payload, "payloadProtobufWithoutExtension"));
  }
}
