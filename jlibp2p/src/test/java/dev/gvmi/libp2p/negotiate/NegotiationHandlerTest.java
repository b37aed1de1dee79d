package dev.gvmi.libp2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NegotiationHandlerTest {
  private final List<String> agreed = new ArrayList<>();

  @Test
  void agreesWhenFedByteByByteAndPassesOnWhatFollows() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            NegotiationHandler.listener(List.of("/noise"), (ctx, id) -> agreed.add(id)));
    byte[] dialled = MultistreamCodec.encode(MultistreamCodec.HEADER, "/tls/1.0.0", "/noise");
    for (byte b : dialled) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {b}));
    }
    channel.writeInbound(Unpooled.copiedBuffer("payload", StandardCharsets.UTF_8));
    assertThat(agreed).containsExactly("/noise");
    assertThat(drainOutbound(channel))
        .isEqualTo(
            MultistreamCodec.encode(MultistreamCodec.HEADER, MultistreamCodec.REFUSAL, "/noise"));
    assertThat(drainInbound(channel)).isEqualTo("payload");
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void passesOnPayloadThatComesInTheSameFlight() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            NegotiationHandler.listener(List.of("/noise"), (ctx, id) -> agreed.add(id)));
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            MultistreamCodec.encode(MultistreamCodec.HEADER, "/noise"),
            "payload".getBytes(StandardCharsets.UTF_8)));
    assertThat(drainInbound(channel)).isEqualTo("payload");
    drainOutbound(channel);
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void diallerProposesTheNextAfterARefusalAndFailsAfterTheLast() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            NegotiationHandler.dialer(List.of("/a", "/b"), (ctx, id) -> agreed.add(id)));
    assertThat(drainOutbound(channel))
        .isEqualTo(MultistreamCodec.encode(MultistreamCodec.HEADER, "/a"));
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            MultistreamCodec.encode(MultistreamCodec.HEADER, MultistreamCodec.REFUSAL)));
    assertThat(drainOutbound(channel)).isEqualTo(MultistreamCodec.encode("/b"));
    assertThatThrownBy(() ->
            channel.writeInbound(
                Unpooled.wrappedBuffer(MultistreamCodec.encode(MultistreamCodec.REFUSAL))))
        .isInstanceOf(DecoderException.class)
        .hasRootCauseInstanceOf(UnsupportedProtocolException.class);
    assertThat(agreed).isEmpty();
    assertThat(channel.finish()).isFalse();
  }

  /**
   * The bytes behind a message that breaks the rules are still there when the connection closes.
   */
  @Test
  void nothingIsAgreedOnBehindAMessageThatBreaksTheRules() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            NegotiationHandler.listener(List.of("/noise"), (ctx, id) -> agreed.add(id)));
    byte[] talk = MultistreamCodec.encode("no header", MultistreamCodec.HEADER, "/noise");
    assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(talk)))
        .hasRootCauseInstanceOf(ProtocolException.class);
    assertThat(channel.finish()).isFalse();
    assertThat(agreed).isEmpty();
  }

  private static byte[] drainOutbound(EmbeddedChannel channel) {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      all.writeBytes(next);
      next.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  private static String drainInbound(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
      all.append(next.toString(StandardCharsets.UTF_8));
      next.release();
    }
    return all.toString();
  }
}
