package dev.gvmi.libp2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Vectors;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class MultistreamCodecTest {
  private static JsonNode vectors() {
    return Vectors.read("multistream.json");
  }

  @Test
  void messagesEqualTheVectors() throws IOException {
    JsonNode messages = vectors().get("messages");
    assertThat(messages.size()).isGreaterThan(10);
    for (JsonNode vector : messages) {
      byte[] frame = HexFormat.of().parseHex(vector.get("frame").asString());
      assertThat(MultistreamCodec.encode(vector.get("text").asString())).isEqualTo(frame);
      ByteBuffer in = ByteBuffer.wrap(frame);
      assertThat(MultistreamCodec.decode(in)).isEqualTo(vector.get("text").asString());
      assertThat(in.hasRemaining()).isFalse();
    }
  }

  @Test
  void exchangeEqualsTheVectors() throws IOException {
    JsonNode exchange = vectors().get("optimisticOpen");
    var dialer = new MultistreamCodec.Dialer(List.of("/noise", "/yamux/1.0.0"));
    assertThat(hex(dialer.opening())).isEqualTo(exchange.get("dialerSendsAtOnce").asString());
    ByteBuffer refusal =
        ByteBuffer.wrap(HexFormat.of().parseHex(exchange.get("listenerRefuses").asString()));
    assertThat(dialer.on(MultistreamCodec.decode(refusal))).isEqualTo(MultistreamCodec.Step.NONE);
    assertThat(hex(dialer.on(MultistreamCodec.decode(refusal)).send()))
        .isEqualTo(exchange.get("dialerRetry").asString());

    var listener = new MultistreamCodec.Listener("/noise"::equals);
    String answer =
        hex(listener.on(MultistreamCodec.HEADER).send()) + hex(listener.on("/noise").send());
    assertThat(answer).isEqualTo(exchange.get("listenerAnswers").asString());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void waitsForTheRestAtEveryCut() throws IOException {
    byte[] frame = MultistreamCodec.encode("/gvmi/chunk/1.0.0");
    for (int cut = 0; cut < frame.length; cut++) {
      ByteBuffer in = ByteBuffer.wrap(frame, 0, cut);
      assertThat(MultistreamCodec.decode(in)).isNull();
      assertThat(in.position()).isZero();
    }
  }

  @Test
  void takesTheLongestMessageAndRefusesOneByteMore() throws IOException {
    String longest = "/" + "x".repeat(MultistreamCodec.MAX_MESSAGE_BYTES - 2);
    assertThat(MultistreamCodec.decode(ByteBuffer.wrap(MultistreamCodec.encode(longest))))
        .isEqualTo(longest);
    ByteBuffer longer = ByteBuffer.wrap(MultistreamCodec.encode(longest + "x"));
    assertThatThrownBy(() -> MultistreamCodec.decode(longer))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("1024");
  }

  @Test
  void refusesAMessageWithoutNewlineAndAnEmptyOne() {
    assertThatThrownBy(() -> MultistreamCodec.decode(ByteBuffer.wrap(new byte[] {2, 'n', 'a'})))
        .isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> MultistreamCodec.decode(ByteBuffer.wrap(new byte[] {0})))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void listenerGivesUpAfterTooManyProposals() throws IOException {
    var listener = new MultistreamCodec.Listener(protocol -> false);
    listener.on(MultistreamCodec.HEADER);
    for (int i = 0; i < MultistreamCodec.MAX_PROPOSALS; i++) {
      assertThat(listener.on("/x").agreed()).isNull();
    }
    assertThatThrownBy(() -> listener.on("/x")).isInstanceOf(ProtocolException.class);
  }
}
