package dev.gvmi.libp2p.interop;

import static dev.gvmi.libp2p.interop.InteropProtocols.DIGEST;
import static dev.gvmi.libp2p.interop.InteropProtocols.ECHO;
import static dev.gvmi.libp2p.interop.InteropProtocols.GREET;
import static dev.gvmi.libp2p.interop.InteropProtocols.GREETING;
import static dev.gvmi.libp2p.interop.InteropProtocols.RESET;
import static dev.gvmi.libp2p.interop.InteropProtocols.RESET_AFTER_BYTES;
import static dev.gvmi.libp2p.interop.InteropProtocols.STALL;
import static dev.gvmi.libp2p.interop.OurPeer.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.identify.IdentifyMessages;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.negotiate.UnsupportedProtocolException;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Our host and a js-libp2p peer do the same things to each other, over connections that either has
 * dialled.
 *
 * <p>Skipped, with the reason, where the js-libp2p peer is not installed ({@link
 * JsPeer#assumeInstalled}).
 */
@Isolated("it moves GiB against a clock")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class JsInteropIT {
  private static final long MIB = 1 << 20;

  /** So few that a test of many connections fails when one does not give its place back. */
  private static final HostLimits LIMITS = new HostLimits(8, 8, 8, 8, 512, 64);

  @TempDir private Path temporary;
  private OurPeer ours;
  private JsPeer js;

  private enum Dialler {
    JS,
    OURS
  }

  @BeforeEach
  void startPeers() throws Exception {
    Path directory = JsPeer.assumeInstalled();
    ours = OurPeer.start(LIMITS);
    js = JsPeer.start(directory, temporary.resolve("stderr.txt"), "noise,tls");
  }

  @AfterEach
  void stopPeers() {
    try {
      if (js != null) {
        js.close();
        await().until(() -> ours.host().peers().isEmpty());
      }
    } finally {
      if (ours != null) {
        ours.close();
      }
    }
  }

  private void connect(Dialler dialler) throws Exception {
    switch (dialler) {
      case OURS -> assertThat(ours.host().dial(js.address(), LIMIT)).isEqualTo(js.id());
      case JS ->
          assertThat(js.call("dial", "address", ours.address().toString()).path("peer").asString())
              .isEqualTo(ours.id().toString());
    }
    await().until(() -> ours.host().peer(js.id()).map(PeerInfo::agent).isPresent());
    await().until(() -> !js("identified").isNull());
  }

  private PeerInfo infoOfJs() {
    return ours.host().peer(js.id()).orElseThrow();
  }

  /** Has the other side run a command with us. */
  private JsonNode js(String command) throws Exception {
    return js.call(command, "peer", ours.id().toString());
  }

  private JsonNode js(String command, long bytes) throws Exception {
    return js.call(command, "peer", ours.id().toString(), "bytes", bytes);
  }

  private CompletableFuture<JsonNode> jsEchoes(int streams, long bytes) {
    return OurPeer.inBackground(
        () -> js.call("echo", "peer", ours.id().toString(), "streams", streams, "bytes", bytes));
  }

  private static Tally.Summary summary(JsonNode node) {
    return new Tally.Summary(node.path("bytes").asLong(), node.path("sha256").asString());
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void agreesOnYamux(Dialler dialler) throws Exception {
    connect(dialler);
    JsonNode connection = js("connection");
    assertThat(connection.path("multiplexer").asString()).isEqualTo("/yamux/1.0.0");
    assertThat(connection.path("direction").asString())
        .isEqualTo(dialler == Dialler.JS ? "outbound" : "inbound");
    assertThat(infoOfJs().inbound()).isEqualTo(dialler == Dialler.JS);
  }

  @ParameterizedTest
  @CsvSource({"JS,noise", "OURS,noise", "JS,tls", "OURS,tls"})
  void agreesOnTheSecurityThatTheirsHas(Dialler dialler, String encrypter) throws Exception {
    js.close();
    js = JsPeer.start(JsPeer.assumeInstalled(), temporary.resolve("only.txt"), encrypter);
    connect(dialler);
    assertThat(js("connection").path("encryption").asString())
        .isEqualTo(encrypter.equals("tls") ? "/tls/1.0.0" : "/noise");
    assertThat(js("connection").path("multiplexer").asString()).isEqualTo("/yamux/1.0.0");
    assertOthersFlow();
  }

  /** With both, the dialler's order counts: ours proposes TLS, theirs Noise. */
  @ParameterizedTest
  @CsvSource({"JS,/noise", "OURS,/tls/1.0.0"})
  void theDiallerChoosesTheSecurity(Dialler dialler, String expected) throws Exception {
    connect(dialler);
    assertThat(js("connection").path("encryption").asString()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void bothSidesIdentifyTheOther(Dialler dialler) throws Exception {
    connect(dialler);
    PeerInfo info = infoOfJs();
    assertThat(info.agent()).isEqualTo(JsPeer.AGENT);
    assertThat(info.protocols())
        .contains(ECHO, DIGEST, Ping.PROTOCOL, IdentifyMessages.PROTOCOL)
        .contains(IdentifyMessages.PUSH_PROTOCOL);
    assertThat(info.listenAddresses()).containsExactly(js.address().withoutP2p());

    JsonNode told = js("identified");
    assertThat(told.path("agent").asString()).isEqualTo(OurPeer.AGENT);
    assertThat(texts(told.path("protocols")))
        .contains(ECHO.text(), DIGEST.text(), Ping.PROTOCOL.text())
        .contains(IdentifyMessages.PROTOCOL.text(), IdentifyMessages.PUSH_PROTOCOL.text());
    assertThat(texts(told.path("addresses")))
        .containsExactly(ours.address().withoutP2p().toString());
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void learnsOfANewProtocolByIdentifyPush(Dialler dialler) throws Exception {
    connect(dialler);
    ProtocolId late = new ProtocolId("/interop/late/1.0.0");
    ours.host().handle(late, stream -> {});
    await().until(() -> texts(js("identified").path("protocols")).contains(late.text()));
    js.call("serveEcho", "protocol", late.text());
    await().until(() -> infoOfJs().protocols().contains(late));
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void bothSidesPing(Dialler dialler) throws Exception {
    connect(dialler);
    assertThat(Ping.measure(ours.host(), js.id(), LIMIT)).isPositive();
    assertThat(js("ping").path("millis").isNumber()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void echoes64MiBBothWays(Dialler dialler) throws Exception {
    connect(dialler);
    OurPeer.Exchange mine = ours.echo(js.id(), 64 * MIB);
    assertThat(mine.sent().bytes()).isEqualTo(64 * MIB);
    assertThat(mine.received()).isEqualTo(mine.sent());
    assertThat(summary(js.served(ECHO))).isEqualTo(mine.sent());

    assertWhole(OurPeer.finish(jsEchoes(1, 64 * MIB)), 1, 64 * MIB);
    assertThat(ours.served(ECHO).taken().bytes()).isEqualTo(64 * MIB);
  }

  private static void assertWhole(JsonNode echoes, int streams, long bytes) {
    assertThat(echoes.valueStream())
        .hasSize(streams)
        .allSatisfy(echo -> {
          assertThat(summary(echo.path("sent")).bytes()).isEqualTo(bytes);
          assertThat(summary(echo.path("received"))).isEqualTo(summary(echo.path("sent")));
        });
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void carriesEightStreamsEachWayAtOnce(Dialler dialler) throws Exception {
    connect(dialler);
    CompletableFuture<JsonNode> theirs = jsEchoes(8, 4 * MIB);
    List<OurPeer.Exchange> mine = OurPeer.finish(ours.echoes(js.id(), 8, 4 * MIB));
    assertThat(mine)
        .hasSize(8)
        .allSatisfy(echo -> {
          assertThat(echo.sent().bytes()).isEqualTo(4 * MIB);
          assertThat(echo.received()).isEqualTo(echo.sent());
        });
    assertWhole(OurPeer.finish(theirs), 8, 4 * MIB);
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void openerEndsItsSideAndStillReads(Dialler dialler) throws Exception {
    connect(dialler);
    try (Stream stream = ours.open(js.id(), DIGEST)) {
      Tally.Summary sent = OurPeer.writeRandom(stream, 2 * MIB);
      assertThat(OurPeer.readText(stream)).isEqualTo(sent.sha256());
    }
    assertThat(js.served(DIGEST).path("outcome").asString()).isEqualTo("ended");

    JsonNode theirs = js("digest", 2 * MIB);
    assertThat(theirs.path("answer").asString()).isEqualTo(summary(theirs.path("sent")).sha256());
    assertThat(ours.served(DIGEST).failure()).isNull();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void openerWritesAfterTheOtherSideHasEnded(Dialler dialler) throws Exception {
    connect(dialler);
    try (Stream stream = ours.open(js.id(), GREET)) {
      stream.flush();
      assertThat(OurPeer.readText(stream)).isEqualTo(GREETING);
      Tally.Summary sent = OurPeer.writeRandom(stream, 2 * MIB);
      JsonNode taken = js.served(GREET);
      assertThat(taken.path("outcome").asString()).isEqualTo("ended");
      assertThat(summary(taken)).isEqualTo(sent);
    }

    JsonNode theirs = js("greet", 2 * MIB);
    assertThat(theirs.path("greeting").asString()).isEqualTo(GREETING);
    assertThat(ours.served(GREET))
        .isEqualTo(new OurPeer.Served(summary(theirs.path("sent")), null));
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void openerSeesTheResetOfTheOtherSide(Dialler dialler) throws Exception {
    connect(dialler);
    try (Stream stream = ours.open(js.id(), RESET)) {
      assertThatThrownBy(() -> OurPeer.writeRandom(stream, 1L << 40))
          .isInstanceOf(StreamResetException.class);
      assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
          .isInstanceOf(StreamResetException.class);
    }
    assertThat(summary(js.served(RESET)).bytes()).isGreaterThanOrEqualTo(RESET_AFTER_BYTES);

    JsonNode theirs = js("provokeReset");
    assertThat(theirs.path("reading").asString()).isEqualTo("StreamResetError");
    assertThat(theirs.path("status").asString()).isEqualTo("reset");
    assertThat(ours.served(RESET).taken().bytes()).isGreaterThanOrEqualTo(RESET_AFTER_BYTES);
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void otherSideSeesTheResetOfTheOpener(Dialler dialler) throws Exception {
    connect(dialler);
    try (Stream stream = ours.open(js.id(), ECHO)) {
      stream.write(ByteBuffer.allocate(100_000));
      stream.flush();
      assertThat(stream.read(ByteBuffer.allocate(1000))).isPositive();
      stream.reset(StreamErrors.NONE.code());
    }
    assertThat(js.served(ECHO).path("outcome").asString()).isEqualTo("StreamResetError");

    assertThat(js("abandon", 100_000).path("status").asString()).isEqualTo("aborted");
    assertThat(ours.served(ECHO).wasReset()).isTrue();
    assertBothSidesPing();
  }

  private void assertBothSidesPing() throws Exception {
    assertThat(Ping.measure(ours.host(), js.id(), LIMIT)).isPositive();
    assertThat(js("ping").path("millis").isNumber()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void aStreamThatTheirsDoesNotReadStopsNoOther(Dialler dialler) throws Exception {
    connect(dialler);
    try (Stream stream = ours.open(js.id(), STALL)) {
      stream.flush();
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(1);
      stream.timeout(Duration.ofMillis(500));
      assertThatThrownBy(() -> OurPeer.writeRandom(stream, 64 * MIB))
          .isInstanceOf(SocketTimeoutException.class);
      assertOthersFlow();
      stream.reset(StreamErrors.NONE.code());
    }
    assertThat(js.served(STALL).path("outcome").asString()).isEqualTo("StreamResetError");
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void aStreamThatOursDoesNotReadStopsNoOther(Dialler dialler) throws Exception {
    connect(dialler);
    assertThat(js("stall").path("unsent").asLong()).isPositive();
    assertOthersFlow();
    JsonNode stalled = js("stalled");
    assertThat(stalled.path("streams").asInt()).isEqualTo(1);
    assertThat(stalled.path("unsent").asLong()).isPositive();

    ours.endStall();
    OurPeer.Served taken = ours.served(STALL);
    assertThat(taken.failure()).isNull();
    assertThat(taken.taken().bytes()).isEqualTo(4 * MIB);
  }

  private void assertOthersFlow() throws Exception {
    CompletableFuture<JsonNode> theirs = jsEchoes(2, 8 * MIB);
    assertThat(OurPeer.finish(ours.echoes(js.id(), 2, 8 * MIB)))
        .allSatisfy(echo -> assertThat(echo.received()).isEqualTo(echo.sent()));
    assertWhole(OurPeer.finish(theirs), 2, 8 * MIB);
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Dialler.class)
  void refusesAProtocolThatNobodyServes(Dialler dialler) throws Exception {
    connect(dialler);
    assertThatThrownBy(() -> ours.open(js.id(), new ProtocolId("/nobody/1.0.0")))
        .isInstanceOf(UnsupportedProtocolException.class);
    assertThatThrownBy(
            () -> js.call("open", "peer", ours.id().toString(), "protocol", "/nobody/1.0.0"))
        .isInstanceOf(JsPeer.Failure.class)
        .hasMessageContaining("UnsupportedProtocolError");
    assertBothSidesPing();
  }

  @Test
  void oursRefusesAnotherPeerThanTheOneDialled() throws Exception {
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = js.address().withoutP2p().withP2p(other.multihash());
    assertThatThrownBy(() -> ours.host().dial(wrong, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected peer " + other + ", got " + js.id());
    assertThat(ours.host().peers()).isEmpty();
    await().until(() -> js.call("connections").path("count").asInt() == 0);
  }

  @Test
  void theirsRefusesAnotherPeerThanTheOneDialled() throws Exception {
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = ours.address().withoutP2p().withP2p(other.multihash());
    assertThatThrownBy(() -> js.call("dial", "address", wrong.toString()))
        .isInstanceOf(JsPeer.Failure.class)
        .hasMessageContaining("does not match expected remote identity key");
    assertThat(js.call("connections").path("count").asInt()).isZero();
    await().until(() -> ours.host().peers().isEmpty());
  }

  @Test
  void theirsConnects200TimesAndLeavesNothing() throws Exception {
    JsonNode churn = js.call("churn", "address", ours.address().toString(), "count", 200);
    assertThat(churn.path("done").asInt()).isEqualTo(200);
    assertNoConnections();
  }

  @Test
  void oursConnects200TimesAndLeavesNothing() throws Exception {
    for (int i = 0; i < 200; i++) {
      PeerId peer = ours.host().dial(js.address(), LIMIT);
      assertThat(Ping.measure(ours.host(), peer, LIMIT)).isPositive();
      ours.host().disconnect(peer);
      await().pollInterval(Duration.ofMillis(1)).until(() -> ours.host().peers().isEmpty());
    }
    assertNoConnections();
  }

  private void assertNoConnections() {
    await().until(() -> ours.host().peers().isEmpty());
    await().until(() -> js.call("connections").path("count").asInt() == 0);
  }
}
