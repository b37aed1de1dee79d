package dev.gvmi.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gvmi.libp2p.Fuzz;
import dev.gvmi.libp2p.Vectors;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.security.Secured;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** What a peer may send to the handler of a connection, before, in and after the handshake. */
final class NoiseHandlerFuzzTest {
  private static final byte[] NONE = new byte[0];
  private static final String MUXER = "/yamux/1.0.0";
  private static final JsonNode VECTOR = Vectors.read("noise-libp2p-transcript.json");
  private static final Party INITIATOR = party("initiator", initiatorKey());
  private static final Party RESPONDER = party("responder", responderKey());

  /** JDK objects of a handshake's cryptography, on both sides. */
  private static final Fuzz FUZZ = Fuzz.allowing(NoiseException.class).allocating(16 << 20);

  /** The keys of one side, as they were when the transcript was recorded. */
  private record Party(HostKey key, X25519.KeyPair fixed, X25519.KeyPair ephemeral) {}

  private static Party party(String name, HostKey key) {
    JsonNode side = VECTOR.required(name);
    try {
      return new Party(
          key,
          X25519.pair(Vectors.hex(side, "staticPrivate")),
          X25519.pair(Vectors.hex(side, "ephemeralPrivate")));
    } catch (NoiseException e) {
      throw new AssertionError(e);
    }
  }

  private static HostKey initiatorKey() {
    return Vectors.all("peer-ids.json", "keys")
        .filter(v -> Vectors.text(v, "type").equals("Ed25519"))
        .map(v -> HostKey.fromProtobuf(Vectors.hex(v, "privateKeyProtobuf")))
        .findFirst()
        .orElseThrow();
  }

  private static HostKey responderKey() {
    JsonNode side = VECTOR.required("responder");
    byte[] point = Arrays.copyOfRange(Vectors.hex(side, "payload"), 6, 38);
    return HostKey.fromProtobuf(
        HexFormat.of()
            .parseHex(
                "08011240" + Vectors.text(side, "identitySeed") + HexFormat.of().formatHex(point)));
  }

  private static byte[] frame(int index) {
    return HexFormat.of().parseHex(VECTOR.required("wireFrames").get(index).asString());
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** What the handler of one side makes of what it is fed with. */
  private static final class Side {
    final List<Secured> secured = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();
    final EmbeddedChannel channel;

    Side(boolean initiator) throws NoiseException {
      Party self = initiator ? INITIATOR : RESPONDER;
      NoiseUpgrade upgrade =
          new NoiseUpgrade(initiator, self.key, List.of(MUXER), null, self.fixed, self.ephemeral);
      channel =
          new EmbeddedChannel(
              new NoiseHandler(upgrade),
              new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                  secured.add((Secured) event);
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                  failures.add(cause);
                }
              });
    }

    void feed(byte[] bytes, int piece) {
      for (int at = 0; at < bytes.length && channel.isOpen(); at += piece) {
        int end = Math.min(bytes.length, at + piece);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, at, end - at));
      }
      assertThat(failures).hasSizeLessThanOrEqualTo(1).allMatch(NoiseException.class::isInstance);
      assertThat(channel.isOpen()).isEqualTo(failures.isEmpty());
      assertThat(secured).hasSizeLessThanOrEqualTo(1);
    }

    byte[] read() {
      return bytes(channel.inboundMessages());
    }

    byte[] sent() {
      return bytes(channel.outboundMessages());
    }

    /** Takes them out of the channel, which releases at its end what it still holds. */
    private static byte[] bytes(Queue<Object> buffers) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (buffers.poll() instanceof ByteBuf bytes) {
        all.writeBytes(ByteBufUtil.getBytes(bytes));
        bytes.release();
      }
      return all.toByteArray();
    }

    String outcome() {
      return secured.stream().map(Secured::peer).toList()
          + (failures.isEmpty() ? " open " : " failed ")
          + HexFormat.of().formatHex(read())
          + " "
          + HexFormat.of().formatHex(sent());
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] head) {
    return Arrays.equals(Arrays.copyOf(bytes, Math.min(bytes.length, head.length)), head);
  }

  /** The first byte: which side, and how many bytes come at a time. */
  private static void anything(byte[] input) throws NoiseException {
    if (input.length == 0) {
      return;
    }
    boolean initiator = (input[0] & 1) == 1;
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    Side whole = new Side(initiator);
    whole.feed(bytes, Math.max(1, bytes.length));
    Side pieces = new Side(initiator);
    pieces.feed(bytes, 1 + ((input[0] & 0xff) >> 1));
    byte[] recorded = initiator ? frame(1) : joined(frame(0), frame(2));
    assertThat(whole.secured.isEmpty()).isEqualTo(!startsWith(bytes, recorded));
    assertThat(pieces.outcome()).isEqualTo(whole.outcome());
    whole.channel.finishAndReleaseAll();
    pieces.channel.finishAndReleaseAll();
  }

  /** Nobody but the recorded peer gets through: its keys are not in the input. */
  @FuzzTest
  void bytes(byte[] input) {
    FUZZ.input(input, NoiseHandlerFuzzTest::anything);
  }

  private static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(2 + message.length)
        .putShort((short) message.length)
        .put(message)
        .array();
  }

  private static Optional<NoisePayload> decoded(byte[] payload, Party of) {
    try {
      NoisePayload decoded = NoisePayload.decode(payload, of.fixed.point(), null);
      NoisePayload.agree(decoded.muxers(), List.of(MUXER));
      return Optional.of(decoded);
    } catch (NoiseException e) {
      return Optional.empty();
    }
  }

  /** The peer keeps to Noise; what it says inside is the rest of the input. */
  private static void identify(byte[] input) throws NoiseException {
    if (input.length == 0) {
      return;
    }
    boolean initiator = (input[0] & 1) == 1;
    byte[] payload = Arrays.copyOfRange(input, 1, input.length);
    Side side = new Side(initiator);
    Party self = initiator ? RESPONDER : INITIATOR;
    NoiseHandshake peer = new NoiseHandshake(!initiator, NONE, self.fixed, self.ephemeral);
    if (initiator) {
      peer.read(withoutLength(side.sent()));
    } else {
      side.feed(framed(peer.write(NONE)), 100);
      peer.read(withoutLength(side.sent()));
    }
    side.feed(framed(peer.write(payload)), 100);
    Optional<NoisePayload> expected = decoded(payload, self);
    assertThat(side.secured.stream().map(Secured::key).findFirst())
        .isEqualTo(expected.map(NoisePayload::key));
    assertThat(side.failures.isEmpty()).isEqualTo(expected.isPresent());
    side.channel.finishAndReleaseAll();
  }

  private static byte[] withoutLength(byte[] frame) {
    return Arrays.copyOfRange(frame, 2, frame.length);
  }

  @FuzzTest
  void payloadInsideAHandshake(byte[] input) {
    FUZZ.input(input, NoiseHandlerFuzzTest::identify);
  }

  /**
   * After the recorded handshake: the first byte says how many bytes come at a time, the second
   * which frame has a wrong byte and where; then plaintexts, their length in a byte before them.
   */
  private static void exchange(byte[] input) throws NoiseException {
    if (input.length < 2) {
      return;
    }
    Side responder = new Side(false);
    responder.feed(joined(frame(0), frame(2)), 200);
    assertThat(responder.secured).hasSize(1);
    CipherState cipher = new CipherState(Vectors.hex(VECTOR, "initiatorToResponderKey"));
    ByteBuffer in = ByteBuffer.wrap(input, 2, input.length - 2);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    int wrong = input[1] & 15;
    for (int i = 0; in.hasRemaining(); i++) {
      byte[] plain = new byte[Math.min(in.get() & 0xff, in.remaining())];
      in.get(plain);
      byte[] frame = framed(cipher.encrypt(NONE, plain));
      if (i == wrong) {
        frame[2 + ((input[1] & 0xff) >> 4) % (frame.length - 2)] ^= 1;
      }
      sent.writeBytes(frame);
      if (i < wrong) {
        expected.writeBytes(plain);
      }
    }
    responder.feed(sent.toByteArray(), 1 + (input[0] & 0xff));
    assertThat(responder.read()).isEqualTo(expected.toByteArray());
    responder.channel.finishAndReleaseAll();
  }

  /** Plaintext comes in order and up to the first frame that was changed under way. */
  @FuzzTest
  void transportFrames(byte[] input) {
    FUZZ.input(input, NoiseHandlerFuzzTest::exchange);
  }

  private static byte[] jdk(byte[] key, long nonce, byte[] ad, byte[] text) throws Exception {
    byte[] iv = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4, nonce).array();
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(iv));
    cipher.updateAAD(ad);
    return cipher.doFinal(text);
  }

  /** 32 bytes of key, a byte that says how many bytes are associated data, text. */
  private static void seal(byte[] input) throws Exception {
    if (input.length < 33) {
      return;
    }
    byte[] key = Arrays.copyOf(input, 32);
    int split = Math.min(input.length, 33 + (input[32] & 0x7f));
    byte[] ad = Arrays.copyOfRange(input, 33, split);
    byte[] text = Arrays.copyOfRange(input, split, input.length);
    CipherState ours = new CipherState(key);
    CipherState opening = new CipherState(key);
    for (int nonce = 0; nonce < 3; nonce++) {
      byte[] sealed = ours.encrypt(ad, text);
      assertThat(sealed).isEqualTo(jdk(key, nonce, ad, text));
      assertThat(opening.decrypt(ad, sealed)).isEqualTo(text);
    }
  }

  @FuzzTest
  void cipherOfTheJdk(byte[] input) {
    FUZZ.input(input, NoiseHandlerFuzzTest::seal);
  }
}
