package dev.gvmi.libp2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.ScriptedStream;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.io.ByteStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MultistreamFuzzTest {
  private static final List<String> PROTOCOLS = List.of("/b/1", "/a/1");

  private static List<byte[]> frames() {
    return Vectors.all("multistream.json", "messages").map(v -> Vectors.hex(v, "frame")).toList();
  }

  /** All messages; from a buffer that grows byte by byte as from one that has all. */
  private static void readMessages(byte[] input) throws ProtocolException {
    List<String> grown = new ArrayList<>();
    ProtocolException refusal = null;
    ByteBuffer in = ByteBuffer.wrap(input).limit(0);
    while (refusal == null && in.limit() < in.capacity()) {
      in.limit(in.limit() + 1);
      int start = in.position();
      try {
        String message = MultistreamCodec.decode(in);
        assertThat(in.position() == start).isEqualTo(message == null);
        if (message != null) {
          assertThat(in.hasRemaining()).isFalse();
          assertThat(in.position() - start)
              .isLessThanOrEqualTo(MultistreamCodec.MAX_MESSAGE_BYTES + 2);
          grown.add(message);
        }
      } catch (ProtocolException e) {
        refusal = e;
      }
    }
    ByteBuffer all = ByteBuffer.wrap(input);
    for (String message : grown) {
      assertThat(MultistreamCodec.decode(all)).isEqualTo(message);
    }
    if (refusal != null) {
      throw refusal;
    }
    assertThat(MultistreamCodec.decode(all)).isNull();
  }

  @FuzzTest
  void messages(byte[] input) {
    // each byte may end in an assertion or two
    Fuzz.allowing(ProtocolException.class)
        .allocating(16 << 20)
        .input(input, MultistreamFuzzTest::readMessages);
  }

  @Test
  void mutatedMessages() {
    Fuzz.allowing(ProtocolException.class).mutations(frames(), MultistreamFuzzTest::readMessages);
  }

  @Test
  void noMessageIsThereBeforeItsLastByte() {
    Fuzz.allowing(ProtocolException.class)
        .cuts(
            frames(),
            cut -> {
              ByteBuffer in = ByteBuffer.wrap(cut);
              assertThat(MultistreamCodec.decode(in)).isNull();
              assertThat(in.position()).isZero();
            });
  }

  /** What comes of a negotiation: what was agreed on, sent, and passed on behind it. */
  private record Talk(List<String> agreed, String sent, String passedOn, boolean refused) {}

  private static Talk talk(boolean dialler, byte[] input, int piece) {
    List<String> agreed = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    EmbeddedChannel channel =
        new EmbeddedChannel(
            dialler
                ? NegotiationHandler.dialer(PROTOCOLS, (ctx, id) -> agreed.add(id))
                : NegotiationHandler.listener(PROTOCOLS, (ctx, id) -> agreed.add(id)),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                failures.add(cause.getCause());
                ctx.close();
              }
            });
    for (int at = 0; at < input.length && channel.isOpen(); at += piece) {
      int end = Math.min(input.length, at + piece);
      channel.writeInbound(Unpooled.copiedBuffer(input, at, end - at));
    }
    channel.finish();
    assertThat(agreed).hasSizeLessThanOrEqualTo(1);
    assertThat(failures).hasSizeLessThanOrEqualTo(1).allMatch(ProtocolException.class::isInstance);
    assertThat(failures.isEmpty() || agreed.isEmpty()).isTrue();
    return new Talk(
        agreed,
        hex(channel.outboundMessages()),
        agreed.isEmpty() ? "" : hex(channel.inboundMessages()),
        !failures.isEmpty());
  }

  private static String hex(Iterable<Object> buffers) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Object buffer : buffers) {
      ByteBuf bytes = (ByteBuf) buffer;
      all.writeBytes(io.netty.buffer.ByteBufUtil.getBytes(bytes));
      bytes.release();
    }
    return HexFormat.of().formatHex(all.toByteArray());
  }

  /** The first byte: which side, and how many bytes come at a time. */
  private static void bothWays(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean dialler = (input[0] & 1) == 1;
    int piece = 1 + ((input[0] & 0xff) >> 1);
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    Talk whole = talk(dialler, rest, Math.max(1, rest.length));
    assertThat(talk(dialler, rest, piece)).isEqualTo(whole);
    assertThat(whole.sent().length() / 2).isLessThan(64 + 8 * MultistreamCodec.MAX_PROPOSALS);
  }

  @FuzzTest
  void handlers(byte[] input) {
    Fuzz.allowing(ProtocolException.class)
        .allocating(4 << 20)
        .input(input, MultistreamFuzzTest::bothWays);
  }

  /** Agrees on a stream, as {@link #talk}; what follows is the reader's. */
  private static String agree(boolean dialler, ByteStream stream) throws IOException {
    try {
      NegotiatedStream agreed =
          dialler
              ? NegotiatedStream.dial(stream, PROTOCOLS)
              : NegotiatedStream.accept(stream, PROTOCOLS::contains);
      ByteBuffer rest = ByteBuffer.allocate(8192);
      while (rest.hasRemaining() && agreed.read(rest) >= 0) {
        assertThat(PROTOCOLS).contains(agreed.protocol());
      }
      return agreed.protocol() + " " + HexFormat.of().formatHex(rest.array(), 0, rest.position());
    } catch (ProtocolException e) {
      return "refused";
    } catch (EOFException e) {
      return "ended";
    }
  }

  private static void stream(byte[] input) throws IOException {
    for (boolean dialler : new boolean[] {true, false}) {
      String whole = agree(dialler, ScriptedStream.of(input));
      assertThat(agree(dialler, ScriptedStream.byteByByte(input))).isEqualTo(whole);
    }
  }

  @FuzzTest
  void streams(byte[] input) {
    Fuzz.allowing(ProtocolException.class).input(input, MultistreamFuzzTest::stream);
  }

  @Test
  void mutatedTalksOnAStream() {
    byte[] talk = MultistreamCodec.encode(MultistreamCodec.HEADER, "/a/1", "na", "/b/1");
    Fuzz any = Fuzz.allowing(IOException.class);
    any.mutations(5_000, List.of(talk), MultistreamFuzzTest::stream);
    any.cuts(List.of(talk), MultistreamFuzzTest::stream);
    Fuzz.allowing(EOFException.class)
        .refusesCuts(
            List.of(MultistreamCodec.encode(MultistreamCodec.HEADER, "/c/1", "na", "/b/1")),
            cut -> NegotiatedStream.accept(ScriptedStream.of(cut), PROTOCOLS::contains));
  }
}
