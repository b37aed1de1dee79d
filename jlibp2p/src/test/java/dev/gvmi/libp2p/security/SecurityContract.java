package dev.gvmi.libp2p.security;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.muxer.StreamMuxer;
import dev.gvmi.libp2p.muxer.yamux.WindowBudget;
import dev.gvmi.libp2p.muxer.yamux.YamuxConfig;
import dev.gvmi.libp2p.muxer.yamux.YamuxMuxer;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.SecuredPair.Side;
import dev.gvmi.libp2p.upgrade.Upgraded;
import dev.gvmi.libp2p.upgrade.Upgrader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link SecurityProtocol} does. */
public abstract class SecurityContract {
  private static final String MUXER = "/yamux/1.0.0";
  private static final byte[] HELLO = "hello".getBytes(US_ASCII);

  private final HostKey diallerKey = HostKey.generate(new SecureRandom());
  private final HostKey listenerKey = HostKey.generate(new SecureRandom());
  private @Nullable SecuredPair pair;

  /** The protocol as a host has it, with the muxers it offers inside the handshake. */
  protected abstract SecurityProtocol security(HostKey key, List<String> muxers);

  /**
   * A peer with that key, which needs no more than to shake hands; empty if a test cannot make one.
   */
  protected abstract Optional<ChannelHandler> peer(boolean initiator, PeerKey key);

  private SecuredPair pair(ChannelHandler dialler, ChannelHandler listener) {
    closePair();
    pair = new SecuredPair(dialler, listener);
    return pair;
  }

  private SecuredPair pair() {
    return pair(dialler(null), listener());
  }

  private ChannelHandler dialler(@Nullable PeerId expected) {
    return security(diallerKey, List.of(MUXER)).newHandler(true, expected);
  }

  private ChannelHandler listener() {
    return security(listenerKey, List.of(MUXER)).newHandler(false, null);
  }

  private SecuredPair secured() {
    SecuredPair made = pair();
    made.shakeHands(SecuredPair.WHOLE);
    assertThat(made.bothSecured()).isTrue();
    return made;
  }

  @AfterEach
  void closePair() {
    if (pair != null) {
      assertThat(pair.leaked()).as("bytes of buffers not given back").isZero();
      pair = null;
    }
  }

  // ---- who is who ----

  @Test
  void bothSidesLearnWhoTheOtherIs() {
    SecuredPair made = secured();
    assertThat(made.dialler.secured().orElseThrow().peer()).isEqualTo(listenerKey.peerId());
    assertThat(made.dialler.secured().orElseThrow().key()).isEqualTo(listenerKey.publicKey());
    assertThat(made.listener.secured().orElseThrow().peer()).isEqualTo(diallerKey.peerId());
    assertThat(made.listener.secured().orElseThrow().key()).isEqualTo(diallerKey.publicKey());
  }

  @Test
  void bothSidesAgreeOnAMuxerOrLeaveItToWhatFollows() {
    SecuredPair made = secured();
    assertThat(made.dialler.secured().orElseThrow().muxer())
        .isEqualTo(made.listener.secured().orElseThrow().muxer())
        .isIn(MUXER, null);
    SecuredPair without =
        pair(dialler(null), security(listenerKey, List.of()).newHandler(false, null));
    without.shakeHands(SecuredPair.WHOLE);
    assertThat(without.dialler.secured().orElseThrow().muxer()).isNull();
    assertThat(without.listener.secured().orElseThrow().muxer()).isNull();
  }

  @Test
  void acceptsThePeerThatWasDialled() {
    SecuredPair made = pair(dialler(listenerKey.peerId()), listener());
    made.shakeHands(SecuredPair.WHOLE);
    assertThat(made.bothSecured()).isTrue();
  }

  @Test
  void refusesAnotherPeerThanTheOneDialled() {
    SecuredPair made = pair(dialler(diallerKey.peerId()), listener());
    made.shakeHands(SecuredPair.WHOLE);
    assertThat(made.dialler.secured()).isEmpty();
    assertThat(made.dialler.failed()).isTrue();
    assertThat(made.dialler.channel.isOpen()).isFalse();
  }

  static Stream<PeerKey> keys() {
    return PeerKey.ofEachType();
  }

  @ParameterizedTest
  @MethodSource("keys")
  void knowsPeersByKeysOfEachType(PeerKey key) {
    for (boolean dials : new boolean[] {true, false}) {
      Optional<ChannelHandler> peer = peer(dials, key);
      assumeTrue(peer.isPresent(), () -> "no peer with a key of type " + key);
      SecuredPair made = dials ? pair(peer.get(), listener()) : pair(dialler(null), peer.get());
      made.shakeHands(SecuredPair.WHOLE);
      Side ours = dials ? made.listener : made.dialler;
      assertThat(ours.events).allSatisfy(event -> assertThat(event).isInstanceOf(Secured.class));
      assertThat(ours.secured().orElseThrow().peer()).isEqualTo(key.peerId());
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void refusesAPeerThatCannotSignByItsKey(PeerKey key) {
    PeerKey liar =
        new PeerKey(key.type(), key.publicKey(), message -> key.sign(Arrays.copyOf(message, 7)));
    for (boolean dials : new boolean[] {true, false}) {
      Optional<ChannelHandler> peer = peer(dials, liar);
      assumeTrue(peer.isPresent(), () -> "no peer with a key of type " + key);
      SecuredPair made = dials ? pair(peer.get(), listener()) : pair(dialler(null), peer.get());
      made.shakeHands(SecuredPair.WHOLE);
      assertRefused(dials ? made.listener : made.dialler);
    }
  }

  private static void assertRefused(Side side) {
    assertThat(side.secured()).isEmpty();
    assertThat(side.failed()).isTrue();
    assertThat(side.channel.isOpen()).isFalse();
  }

  // ---- a handshake that goes wrong ----

  @Test
  void aHandshakeWithAByteChangedIsNeverDoneOnBothSides() {
    int messages = pair().shakeHands(SecuredPair.WHOLE);
    Random random = new Random(1);
    for (int message = 0; message < messages; message++) {
      for (int i = 0; i < 40; i++) {
        int chosen = message;
        int place = random.nextInt(1 << 16);
        SecuredPair made = pair();
        made.shakeHands((number, bytes, to) -> {
          if (number == chosen) {
            bytes[place % bytes.length] ^= (byte) (1 << place % 8);
          }
          to.receive(bytes);
        });
        assertThat(made.bothSecured()).as("message %d, place %d", message, place).isFalse();
      }
    }
  }

  @Test
  void aHandshakeThatIsCutIsNeverDoneOnBothSides() {
    int messages = pair().shakeHands(SecuredPair.WHOLE);
    for (int message = 0; message < messages; message++) {
      for (int part = 0; part < 10; part++) {
        int chosen = message;
        int tenths = part;
        SecuredPair made = pair();
        made.shakeHands((number, bytes, to) -> {
          if (number == chosen) {
            to.receive(Arrays.copyOf(bytes, bytes.length * tenths / 10));
            to.channel.close();
          } else {
            to.receive(bytes);
          }
        });
        assertThat(made.bothSecured()).as("message %d, %d of 10", message, part).isFalse();
      }
    }
  }

  @Test
  void noiseInsteadOfAHandshakeEndsTheConnection() {
    Random random = new Random(2);
    byte[] noise = new byte[300_000];
    random.nextBytes(noise);
    SecuredPair made = pair();
    for (Side side : List.of(made.dialler, made.listener)) {
      side.sent();
      side.receive(noise);
      assertRefused(side);
    }
  }

  /**
   * Whoever starts the handshake bounds its time; a handler that has a limit of its own may be
   * quicker.
   */
  @Test
  void silenceInTheHandshakeEndsInTime() {
    for (boolean initiator : new boolean[] {true, false}) {
      SecurityProtocol security = security(diallerKey, List.of(MUXER));
      EmbeddedChannel channel = new EmbeddedChannel();
      channel.freezeTime();
      StreamMuxer muxer = new YamuxMuxer(YamuxConfig.DEFAULT, new WindowBudget(0));
      CompletableFuture<Upgraded> upgraded =
          new Upgrader(List.of(security), List.of(muxer), Duration.ofSeconds(10))
              .upgrade(channel, initiator, null, stream -> {});
      channel.writeInbound(
          Unpooled.wrappedBuffer(multistream("/multistream/1.0.0"), multistream(security.id())));
      assertThat(upgraded).isNotDone();
      channel.advanceTimeBy(10, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      assertThat(upgraded).isCompletedExceptionally();
      assertThat(upgraded.exceptionNow()).isInstanceOf(SocketTimeoutException.class);
      assertThat(channel.isOpen()).isFalse();
      channel.finishAndReleaseAll();
    }
  }

  private static byte[] multistream(String line) {
    return ((char) (line.length() + 1) + line + "\n").getBytes(US_ASCII);
  }

  // ---- data ----

  @Test
  void dataThatComesWithTheLastMessageComesAfterTheEvent() {
    for (SecuredPair.Carrier carrier : List.of(SecuredPair.WHOLE, SecuredPair.BYTE_BY_BYTE)) {
      SecuredPair made = pair();
      made.dialler.greet(HELLO);
      made.listener.greet(HELLO);
      made.shakeHands(carrier);
      made.carryAll(carrier);
      for (Side side : List.of(made.dialler, made.listener)) {
        assertThat(side.events.getFirst()).isInstanceOf(Secured.class);
        assertThat(side.received()).isEqualTo(HELLO);
      }
    }
  }

  @Test
  void handshakeAndDataComeByteByByte() {
    SecuredPair made = pair();
    made.shakeHands(SecuredPair.BYTE_BY_BYTE);
    made.dialler.send(made.dialler.allocator.buffer().writeBytes(HELLO));
    made.listener.send(made.listener.allocator.buffer().writeBytes(HELLO));
    made.carryAll(SecuredPair.BYTE_BY_BYTE);
    assertThat(made.dialler.received()).isEqualTo(HELLO);
    assertThat(made.listener.received()).isEqualTo(HELLO);
  }

  @Test
  void carriesManyBytesInBuffersOfAnySizeAndKind() {
    SecuredPair made = secured();
    for (boolean forth : new boolean[] {true, false}) {
      Side from = forth ? made.dialler : made.listener;
      Side to = forth ? made.listener : made.dialler;
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      Random random = new Random(3);
      int kind = 0;
      for (int size :
          new int[] {
            1, 0, 16_383, 16_384, 16_385, 65_507, 65_518, 65_519, 65_520, 65_535, 65_536, 1 << 20
          }) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        expected.writeBytes(bytes);
        from.send(buffer(from.allocator, bytes, kind++));
        byte[] wire = from.sent();
        int cut = wire.length == 0 ? 0 : random.nextInt(wire.length);
        to.receive(Arrays.copyOf(wire, cut));
        to.receive(Arrays.copyOfRange(wire, cut, wire.length));
      }
      assertThat(to.received()).isEqualTo(expected.toByteArray());
    }
  }

  private static ByteBuf buffer(ByteBufAllocator allocator, byte[] bytes, int kind) {
    return switch (kind % 4) {
      case 0 -> allocator.heapBuffer().writeBytes(bytes);
      case 1 -> allocator.directBuffer().writeBytes(bytes);
      case 2 -> allocator.buffer().writeZero(5).writeBytes(bytes).skipBytes(5).asReadOnly();
      default -> {
        CompositeByteBuf parts = allocator.compositeBuffer();
        int half = bytes.length / 2;
        parts.addComponent(true, allocator.buffer().writeBytes(bytes, 0, half));
        yield parts.addComponent(
            true, allocator.heapBuffer().writeBytes(bytes, half, bytes.length - half));
      }
    };
  }

  @Test
  void dataWithAByteChangedEndsTheConnection() {
    for (int place : new int[] {0, 2, 5, 17}) {
      SecuredPair made = secured();
      made.carryAll(SecuredPair.WHOLE);
      made.dialler.send(made.dialler.allocator.buffer().writeBytes(HELLO));
      byte[] wire = made.dialler.sent();
      wire[wire.length - 1 - place] ^= 1;
      made.listener.receive(wire);
      assertThat(made.listener.received()).isEmpty();
      assertThat(made.listener.failed()).isTrue();
      assertThat(made.listener.channel.isOpen()).isFalse();
    }
  }

  @Test
  void dataIsNotOnTheWireAsItWas() {
    SecuredPair made = secured();
    made.carryAll(SecuredPair.WHOLE);
    made.dialler.send(made.dialler.allocator.buffer().writeBytes(HELLO));
    assertThat(new String(made.dialler.sent(), US_ASCII)).doesNotContain("hello");
  }
}
