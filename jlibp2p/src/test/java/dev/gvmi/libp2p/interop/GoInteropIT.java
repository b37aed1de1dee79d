package dev.gvmi.libp2p.interop;

import static dev.gvmi.libp2p.interop.InteropProtocols.DIGEST;
import static dev.gvmi.libp2p.interop.InteropProtocols.ECHO;
import static dev.gvmi.libp2p.interop.InteropProtocols.GREET;
import static dev.gvmi.libp2p.interop.InteropProtocols.GREETING;
import static dev.gvmi.libp2p.interop.InteropProtocols.REFUSAL;
import static dev.gvmi.libp2p.interop.InteropProtocols.REFUSE;
import static dev.gvmi.libp2p.interop.InteropProtocols.RESET;
import static dev.gvmi.libp2p.interop.InteropProtocols.RESET_AFTER_BYTES;
import static dev.gvmi.libp2p.interop.OurPeer.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
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
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Our host and a go-libp2p peer do the same things to each other, over connections of each kind
 * that either has dialled.
 *
 * <p>Skipped, with the reason, where the Go peer is not built ({@link GoPeer#assumeBuilt}).
 */
@Isolated("it moves GiB against a clock")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class GoInteropIT {
  private static final long MIB = 1 << 20;

  /** So few that a test of many connections fails when one does not give its place back. */
  private static final HostLimits LIMITS = new HostLimits(8, 8, 8, 8, 512, 64);

  @TempDir private Path temporary;
  private OurPeer ours;
  private GoPeer go;

  private enum Kind {
    TCP_NOISE("/ip4/127.0.0.1/tcp/0", "noise", "/noise"),
    TCP_TLS("/ip4/127.0.0.1/tcp/0", "tls", "/tls/1.0.0"),
    QUIC("/ip4/127.0.0.1/udp/0/quic-v1", "tls", "");

    private final String listen;
    private final String security;
    private final String encryption;

    Kind(String listen, String security, String encryption) {
      this.listen = listen;
      this.security = security;
      this.encryption = encryption;
    }
  }

  private enum Dialler {
    GO,
    OURS
  }

  /** Who dials, and what. */
  private enum Way {
    OURS_NOISE(Dialler.OURS, Kind.TCP_NOISE),
    GO_NOISE(Dialler.GO, Kind.TCP_NOISE),
    OURS_TLS(Dialler.OURS, Kind.TCP_TLS),
    GO_TLS(Dialler.GO, Kind.TCP_TLS),
    OURS_QUIC(Dialler.OURS, Kind.QUIC),
    GO_QUIC(Dialler.GO, Kind.QUIC);

    private final Dialler dialler;
    private final Kind kind;

    Way(Dialler dialler, Kind kind) {
      this.dialler = dialler;
      this.kind = kind;
    }
  }

  private void start(Kind kind) throws Exception {
    Path program = GoPeer.assumeBuilt();
    ours = startOurs(kind);
    Path log = temporary.resolve("stderr.txt");
    go = GoPeer.start(program, log, kind.security, kind.listen, "");
  }

  private static OurPeer startOurs(Kind kind) throws IOException {
    try {
      return OurPeer.start(LIMITS, kind.listen);
    } catch (IOException e) {
      boolean none = String.valueOf(e.getMessage()).contains("no transport");
      Assumptions.assumeFalse(kind == Kind.QUIC && none, "our host has no QUIC yet");
      throw e;
    }
  }

  private void connect(Way way) throws Exception {
    start(way.kind);
    switch (way.dialler) {
      case OURS -> assertThat(ours.host().dial(go.address(), LIMIT)).isEqualTo(go.id());
      case GO ->
          assertThat(go.call("dial", "address", ours.address().toString()).path("peer").asString())
              .isEqualTo(ours.id().toString());
    }
    await().until(() -> ours.host().peer(go.id()).map(PeerInfo::agent).isPresent());
    await().until(() -> !go("identified").isNull());
  }

  @AfterEach
  void stopPeers() {
    try {
      if (go != null) {
        go.close();
        if (usesTcp()) {
          await().until(() -> ours.host().peers().isEmpty());
        }
      }
    } finally {
      if (ours != null) {
        ours.close();
      }
    }
  }

  /**
   * Of a process that was killed nothing is heard over UDP, before the connection has been idle for
   * long.
   */
  private boolean usesTcp() {
    return ours.address().tcpAddress().isPresent();
  }

  private PeerInfo infoOfGo() {
    return ours.host().peer(go.id()).orElseThrow();
  }

  /** Has the other side run a command with us. */
  private JsonNode go(String command) throws Exception {
    return go.call(command, "peer", ours.id().toString());
  }

  private JsonNode go(String command, long bytes) throws Exception {
    return go.call(command, "peer", ours.id().toString(), "bytes", bytes);
  }

  private CompletableFuture<JsonNode> goEchoes(int streams, long bytes) {
    return OurPeer.inBackground(
        () -> go.call("echo", "peer", ours.id().toString(), "streams", streams, "bytes", bytes));
  }

  private static Tally.Summary summary(JsonNode node) {
    return new Tally.Summary(node.path("bytes").asLong(), node.path("sha256").asString());
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  private void assertBothSidesPing() throws Exception {
    assertThat(Ping.measure(ours.host(), go.id(), LIMIT)).isPositive();
    assertThat(go("ping").path("millis").isNumber()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void agreesOnSecurityAndMuxer(Way way) throws Exception {
    connect(way);
    JsonNode connection = go("connection");
    assertThat(connection.path("encryption").asString()).isEqualTo(way.kind.encryption);
    if (way.kind != Kind.QUIC) {
      assertThat(connection.path("multiplexer").asString()).isEqualTo("/yamux/1.0.0");
      assertThat(connection.path("early").asBoolean()).isTrue();
    }
    assertThat(connection.path("direction").asString())
        .isEqualTo(way.dialler == Dialler.GO ? "Outbound" : "Inbound");
    assertThat(infoOfGo().inbound()).isEqualTo(way.dialler == Dialler.GO);
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void bothSidesIdentifyTheOther(Way way) throws Exception {
    connect(way);
    PeerInfo info = infoOfGo();
    assertThat(info.agent()).isEqualTo(GoPeer.AGENT);
    assertThat(info.protocols())
        .contains(ECHO, DIGEST, Ping.PROTOCOL, IdentifyMessages.PROTOCOL)
        .contains(IdentifyMessages.PUSH_PROTOCOL);
    assertThat(info.listenAddresses()).containsExactly(go.address().withoutP2p());

    JsonNode told = go("identified");
    assertThat(told.path("agent").asString()).isEqualTo(OurPeer.AGENT);
    assertThat(texts(told.path("protocols")))
        .contains(ECHO.text(), DIGEST.text(), Ping.PROTOCOL.text())
        .contains(IdentifyMessages.PROTOCOL.text(), IdentifyMessages.PUSH_PROTOCOL.text());
    assertThat(texts(told.path("addresses")))
        .containsExactly(ours.address().withoutP2p().toString());
    assertThat(told.path("observed").asString()).startsWith("/ip4/127.0.0.1/");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void learnsOfANewProtocolByIdentifyPush(Way way) throws Exception {
    connect(way);
    ProtocolId late = new ProtocolId("/interop/late/1.0.0");
    ours.host().handle(late, stream -> {});
    await().until(() -> texts(go("identified").path("protocols")).contains(late.text()));
    ours.host().unhandle(late);
    await().until(() -> !texts(go("identified").path("protocols")).contains(late.text()));
    go.call("serveEcho", "protocol", late.text());
    await().until(() -> infoOfGo().protocols().contains(late));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void carriesEightStreamsEachWayAtOnce(Way way) throws Exception {
    connect(way);
    long bytes = way.kind == Kind.QUIC ? MIB : 4 * MIB;
    CompletableFuture<JsonNode> theirs = goEchoes(8, bytes);
    assertThat(OurPeer.finish(ours.echoes(go.id(), 8, bytes)))
        .hasSize(8)
        .allSatisfy(echo -> {
          assertThat(echo.sent().bytes()).isEqualTo(bytes);
          assertThat(echo.received()).isEqualTo(echo.sent());
        });
    assertThat(OurPeer.finish(theirs).valueStream())
        .hasSize(8)
        .allSatisfy(echo -> {
          assertThat(summary(echo.path("sent")).bytes()).isEqualTo(bytes);
          assertThat(summary(echo.path("received"))).isEqualTo(summary(echo.path("sent")));
        });
  }

  /**
   * The opener ends its side and still reads: the answer is the digest of what arrived. Each kind
   * of connection and each dialler carries 256 MiB each way, but not all of both.
   */
  @ParameterizedTest
  @EnumSource(Way.class)
  void carries256MiBEachWay(Way way) throws Exception {
    connect(way);
    long bytes = MIB * (way == Way.OURS_NOISE || way == Way.GO_TLS ? 16 : 256);
    try (Stream stream = ours.open(go.id(), DIGEST)) {
      Tally.Summary sent = OurPeer.writeRandom(stream, bytes);
      assertThat(OurPeer.readText(stream)).isEqualTo(sent.sha256());
    }
    assertThat(go.served(DIGEST).path("outcome").asString()).isEqualTo("ended");

    JsonNode theirs = go("digest", bytes);
    assertThat(summary(theirs.path("sent")).bytes()).isEqualTo(bytes);
    assertThat(theirs.path("answer").asString()).isEqualTo(summary(theirs.path("sent")).sha256());
    assertThat(ours.served(DIGEST).failure()).isNull();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void openerWritesAfterTheOtherSideHasEnded(Way way) throws Exception {
    connect(way);
    try (Stream stream = ours.open(go.id(), GREET)) {
      stream.flush();
      assertThat(OurPeer.readText(stream)).isEqualTo(GREETING);
      Tally.Summary sent = OurPeer.writeRandom(stream, 2 * MIB);
      JsonNode taken = go.served(GREET);
      assertThat(taken.path("outcome").asString()).isEqualTo("ended");
      assertThat(summary(taken)).isEqualTo(sent);
    }

    JsonNode theirs = go("greet", 2 * MIB);
    assertThat(theirs.path("greeting").asString()).isEqualTo(GREETING);
    assertThat(ours.served(GREET))
        .isEqualTo(new OurPeer.Served(summary(theirs.path("sent")), null));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void openerSeesTheResetOfTheOtherSide(Way way) throws Exception {
    connect(way);
    try (Stream stream = ours.open(go.id(), RESET)) {
      assertThatThrownBy(() -> OurPeer.writeRandom(stream, 1L << 40))
          .isInstanceOf(StreamResetException.class);
      assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
          .isInstanceOf(StreamResetException.class);
    }
    assertThat(summary(go.served(RESET)).bytes()).isGreaterThanOrEqualTo(RESET_AFTER_BYTES);

    JsonNode theirs = go("provokeReset");
    assertThat(theirs.path("reading").asString()).isEqualTo("reset");
    assertThat(theirs.path("writing").asString()).isEqualTo("reset");
    assertThat(ours.served(RESET).taken().bytes()).isGreaterThanOrEqualTo(RESET_AFTER_BYTES);
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aResetTellsItsCode(Way way) throws Exception {
    connect(way);
    try (Stream stream = ours.open(go.id(), REFUSE)) {
      stream.flush();
      assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
          .asInstanceOf(type(StreamResetException.class))
          .extracting(StreamResetException::code)
          .isEqualTo(REFUSAL.code());
    }
    JsonNode theirs = go("refused");
    assertThat(theirs.path("reading").asString()).isEqualTo("reset");
    assertThat(theirs.path("code").asLong()).isEqualTo(REFUSAL.code());
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void otherSideSeesTheResetOfTheOpener(Way way) throws Exception {
    connect(way);
    try (Stream stream = ours.open(go.id(), ECHO)) {
      stream.write(ByteBuffer.allocate(100_000));
      stream.flush();
      assertThat(stream.read(ByteBuffer.allocate(1000))).isPositive();
      stream.reset(StreamErrors.NONE.code());
    }
    assertThat(go.served(ECHO).path("outcome").asString()).isEqualTo("reset");

    go("abandon", 100_000);
    assertThat(ours.served(ECHO).wasReset()).isTrue();
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void refusesAProtocolThatNobodyServes(Way way) throws Exception {
    connect(way);
    assertThatThrownBy(() -> ours.open(go.id(), new ProtocolId("/nobody/1.0.0")))
        .isInstanceOf(UnsupportedProtocolException.class);
    assertThatThrownBy(
            () -> go.call("open", "peer", ours.id().toString(), "protocol", "/nobody/1.0.0"))
        .isInstanceOf(RemotePeer.Failure.class)
        .hasMessageContaining("protocols not supported");
    assertBothSidesPing();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void oursRefusesAnotherPeerThanTheOneDialled(Kind kind) throws Exception {
    start(kind);
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = go.address().withoutP2p().withP2p(other.multihash());
    assertThatThrownBy(() -> ours.host().dial(wrong, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected peer " + other + ", got " + go.id());
    assertThat(ours.host().peers()).isEmpty();
    await().until(() -> go.call("connections").path("count").asInt() == 0);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theirsRefusesAnotherPeerThanTheOneDialled(Kind kind) throws Exception {
    start(kind);
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = ours.address().withoutP2p().withP2p(other.multihash());
    assertThatThrownBy(() -> go.call("dial", "address", wrong.toString()))
        .isInstanceOf(RemotePeer.Failure.class)
        .hasMessageContaining("peer id mismatch");
    assertThat(go.call("connections").path("count").asInt()).isZero();
    await().until(() -> ours.host().peers().isEmpty());
  }
}
