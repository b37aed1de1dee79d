package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import io.netty.handler.codec.quic.Quic;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts over QUIC. */
@Timeout(120)
final class QuicHostIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ProtocolId ECHO = new ProtocolId("/test/echo/1.0.0");
  private static final ProtocolId SILENT = new ProtocolId("/test/silent/1.0.0");
  private static final ProtocolId DIGEST = new ProtocolId("/test/digest/1.0.0");
  private static final ProtocolId RESET = new ProtocolId("/test/reset/1.0.0");
  private static final long CODE = 0x1003;
  private static final String LISTEN = "/ip4/127.0.0.1/udp/0/quic-v1";
  private static final int MIB = 1 << 20;
  private final List<Host> hosts = new ArrayList<>();

  @BeforeAll
  static void needsTheLibrary() {
    assumeTrue(Quic.isAvailable(), "no native QUIC library for this machine");
  }

  private Host host(HostLimits limits, String... listen) throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses = Arrays.stream(listen).map(Multiaddr::parse).toList();
    Host host = Libp2pHost.create(new HostConfig(key, addresses, "test/1", limits));
    hosts.add(host);
    host.handle(ECHO, QuicHostIT::echo);
    host.handle(SILENT, stream -> Thread.sleep(LIMIT));
    host.handle(DIGEST, QuicHostIT::digest);
    host.handle(RESET, QuicHostIT::resetAfterOneByte);
    host.start();
    return host;
  }

  private Host host(String... listen) throws IOException {
    return host(HostLimits.DEFAULT, listen);
  }

  private static void echo(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (stream.read(buffer) >= 0) {
      stream.write(buffer.flip());
      stream.flush();
      buffer.clear();
    }
  }

  private static void digest(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
      while (stream.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
      stream.write(ByteBuffer.wrap(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  private static void resetAfterOneByte(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    int _ = stream.read(ByteBuffer.allocate(1));
    stream.write(ByteBuffer.allocate(100_000));
    stream.reset(CODE);
  }

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  @AfterEach
  void closeHosts() {
    hosts.forEach(Host::close);
  }

  private static <T> CompletableFuture<T> start(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Writes all, while another thread reads until the end; the echo must be equal. */
  private static boolean roundTrip(Host from, PeerId to, int count, int seed) throws Exception {
    try (Stream stream = from.newStream(to, LIMIT, ECHO)) {
      stream.timeout(LIMIT);
      byte[] sent = bytes(count, seed);
      CompletableFuture<Boolean> writing =
          start(() -> {
            stream.write(ByteBuffer.wrap(sent));
            stream.closeWrite();
            return true;
          });
      MessageDigest received = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
      long total = 0;
      for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer.clear())) {
        received.update(buffer.flip());
        total += n;
      }
      return writing.get(20, TimeUnit.SECONDS)
          && total == count
          && MessageDigest.isEqual(
              MessageDigest.getInstance("SHA-256").digest(sent), received.digest());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {LISTEN, "/ip6/::1/udp/0/quic-v1"})
  void connectsIdentifiesAndPings(String listen) throws Exception {
    Host server = host(listen);
    Host client = host();
    assertThat(client.dial(addressOf(server), LIMIT)).isEqualTo(server.id());
    assertThat(client.peer(server.id()).orElseThrow().protocols()).contains(ECHO, Ping.PROTOCOL);
    assertThat(client.peer(server.id()).orElseThrow().listenAddresses())
        .containsAll(server.listenAddresses());
    assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
    await().until(() -> server.peer(client.id()).isPresent());
    assertThat(server.peer(client.id()).orElseThrow().remoteAddress().quicAddress()).isPresent();
    assertThat(Ping.measure(server, client.id(), LIMIT)).isPositive();
  }

  private Host[] connected() throws Exception {
    Host server = host(LISTEN);
    Host client = host();
    client.dial(addressOf(server), LIMIT);
    await().until(() -> server.peer(client.id()).isPresent());
    return new Host[] {client, server};
  }

  @Test
  void tellsHowTheConnectionIsMadeAndWhatWentOverIt() throws Exception {
    Host[] pair = connected();
    assertThat(roundTrip(pair[0], pair[1].id(), MIB, 1)).isTrue();
    for (int i = 0; i < 2; i++) {
      ConnectionInfo info = pair[i].connection(pair[1 - i].id()).orElseThrow();
      assertThat(info.security()).isEqualTo("/quic-v1 tls");
      assertThat(info.muxer()).isEqualTo("quic");
      assertThat(info.receivedBytes()).isBetween((long) MIB, 2L * MIB);
      assertThat(info.sentBytes()).isBetween((long) MIB, 2L * MIB);
    }
  }

  @Test
  void eightStreamsEachWayCarryTheirOwnBytes() throws Exception {
    Host[] pair = connected();
    List<CompletableFuture<Boolean>> trips = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Host from = pair[i % 2];
      Host to = pair[1 - i % 2];
      int seed = i;
      trips.add(start(() -> roundTrip(from, to.id(), MIB / 2 + seed, seed)));
    }
    for (CompletableFuture<Boolean> trip : trips) {
      assertThat(trip.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void carries64MiB() throws Exception {
    Host[] pair = connected();
    try (Stream stream = pair[0].newStream(pair[1].id(), LIMIT, DIGEST)) {
      stream.timeout(LIMIT);
      MessageDigest sent = MessageDigest.getInstance("SHA-256");
      for (int i = 0; i < 64; i++) {
        byte[] piece = bytes(MIB, i);
        sent.update(piece);
        stream.write(ByteBuffer.wrap(piece));
      }
      stream.closeWrite();
      ByteBuffer received = ByteBuffer.allocate(33);
      while (stream.read(received) >= 0) {
        // until the end
      }
      assertThat(Arrays.copyOf(received.array(), received.position())).isEqualTo(sent.digest());
    }
  }

  @Test
  void oneDirectionEndsAndTheOtherGoesOn() throws Exception {
    Host[] pair = connected();
    try (Stream stream = pair[0].newStream(pair[1].id(), LIMIT, ECHO)) {
      stream.timeout(LIMIT);
      stream.write(ByteBuffer.wrap(bytes(300_000, 1)));
      stream.closeWrite();
      ByteBuffer all = ByteBuffer.allocate(300_001);
      while (stream.read(all) >= 0) {
        // until the end
      }
      assertThat(Arrays.copyOf(all.array(), all.position())).isEqualTo(bytes(300_000, 1));
    }
  }

  @Test
  void aResetInMidStreamReachesThePeerWithItsCode() throws Exception {
    Host[] pair = connected();
    try (Stream stream = pair[0].newStream(pair[1].id(), LIMIT, RESET)) {
      stream.timeout(LIMIT);
      stream.write(ByteBuffer.allocate(1));
      stream.flush();
      ByteBuffer buffer = ByteBuffer.allocate(200_000);
      assertThatThrownBy(
              () -> {
                while (stream.read(buffer) >= 0) {
                  // until the reset
                }
              })
          .isInstanceOfSatisfying(
              StreamResetException.class, e -> assertThat(e.code()).isEqualTo(CODE));
      assertThatThrownBy(() -> stream.write(ByteBuffer.allocate(1)))
          .isInstanceOf(StreamResetException.class);
    }
    assertThat(Ping.measure(pair[0], pair[1].id(), LIMIT)).isPositive();
  }

  @Test
  void aThousandResetStreamsLeaveRoomForMore() throws Exception {
    Host[] pair = connected();
    for (int i = 0; i < 1000; i++) {
      Stream stream = pair[i % 2].newStream(pair[1 - i % 2].id(), LIMIT, ECHO);
      stream.timeout(LIMIT);
      stream.write(ByteBuffer.allocate(100));
      stream.flush();
      stream.reset(CODE);
    }
    assertThat(roundTrip(pair[0], pair[1].id(), MIB, 1)).isTrue();
    assertThat(roundTrip(pair[1], pair[0].id(), MIB, 2)).isTrue();
    await().until(() -> pair[0].connection(pair[1].id()).orElseThrow().streams() == 0);
    await().until(() -> pair[1].connection(pair[0].id()).orElseThrow().streams() == 0);
  }

  @Test
  void aStreamThatNobodyReadsStopsItsWriterAndNoOther() throws Exception {
    Host[] pair = connected();
    Stream unread = pair[0].newStream(pair[1].id(), LIMIT, SILENT);
    unread.timeout(Duration.ofMillis(500));
    assertThatThrownBy(() -> unread.write(ByteBuffer.allocate(24 * MIB)))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(roundTrip(pair[0], pair[1].id(), 2 * MIB, 1)).isTrue();
    assertThat(Ping.measure(pair[0], pair[1].id(), LIMIT)).isPositive();
    unread.reset(CODE);
  }

  @Test
  void refusesAnotherPeerThanTheOneDialled() throws Exception {
    Host server = host(LISTEN);
    Host client = host();
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = server.listenAddresses().getFirst().withP2p(other.multihash());
    assertThatThrownBy(() -> client.dial(wrong, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected peer " + other + ", got " + server.id());
    assertThat(client.peers()).isEmpty();
    assertThat(client.dial(addressOf(server), LIMIT)).isEqualTo(server.id());
  }

  @Test
  void manyConnectsAndDisconnectsLeaveNothing() throws Exception {
    Host server = host(LISTEN);
    Host client = host();
    for (int i = 0; i < 30; i++) {
      client.dial(addressOf(server), LIMIT);
      assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
      if (i % 2 == 0) {
        client.disconnect(server.id());
      } else {
        await().until(() -> server.peer(client.id()).isPresent());
        server.disconnect(client.id());
      }
      await().until(() -> client.peers().isEmpty() && server.peers().isEmpty());
    }
  }

  @Test
  void garbageDatagramsDoNotStopTheListener() throws Exception {
    Host server = host(LISTEN);
    InetSocketAddress address = server.listenAddresses().getFirst().quicAddress().orElseThrow();
    Random random = new Random(1);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 2000; i++) {
        byte[] garbage = new byte[random.nextInt(1400)];
        random.nextBytes(garbage);
        if (garbage.length > 30 && i % 2 == 0) {
          garbage[0] = (byte) (0xc0 | random.nextInt(0x40));
          ByteBuffer.wrap(garbage).putInt(1, i % 4 == 0 ? 1 : random.nextInt());
          garbage[5] = (byte) random.nextInt(22);
        }
        socket.send(new DatagramPacket(garbage, garbage.length, address));
      }
    }
    assertThat(host().dial(addressOf(server), LIMIT)).isEqualTo(server.id());
  }

  @Test
  void refusesOneConnectionOverTheLimitOfAnIp() throws Exception {
    Host server = host(new HostLimits(64, 2, 8, 8, 64, 8), LISTEN);
    host().dial(addressOf(server), LIMIT);
    host().dial(addressOf(server), LIMIT);
    Host third = host();
    assertThatThrownBy(() -> third.dial(addressOf(server), LIMIT)).isInstanceOf(IOException.class);
    hosts.get(1).close();
    await().untilAsserted(() -> third.dial(addressOf(server), LIMIT));
  }

  @Test
  void listensOnAllAddressesOfBothFamiliesAtOnePort() throws Exception {
    int port;
    try (DatagramSocket free = new DatagramSocket(0)) {
      port = free.getLocalPort();
    }
    Host server = host("/ip4/0.0.0.0/udp/" + port + "/quic-v1", "/ip6/::/udp/" + port + "/quic-v1");
    Multiaddr ip4 = Multiaddr.parse("/ip4/127.0.0.1/udp/" + port + "/quic-v1");
    Multiaddr ip6 = Multiaddr.parse("/ip6/::1/udp/" + port + "/quic-v1");
    assertThat(server.listenAddresses()).contains(ip4);
    assertThat(host().dial(ip4, LIMIT)).isEqualTo(server.id());
    if (server.listenAddresses().contains(ip6)) {
      assertThat(host().dial(ip6, LIMIT)).isEqualTo(server.id());
    }
  }

  @Test
  void aStreamToAHostThatIsClosedFails() throws Exception {
    Host[] pair = connected();
    Stream stream = pair[0].newStream(pair[1].id(), LIMIT, ECHO);
    stream.timeout(LIMIT);
    stream.write(ByteBuffer.wrap(new byte[] {1}));
    stream.flush();
    assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(1);
    pair[1].close();
    assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
        .isInstanceOf(StreamResetException.class);
  }
}
