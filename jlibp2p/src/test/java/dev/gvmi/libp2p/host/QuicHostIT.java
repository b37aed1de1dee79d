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
        .start(
            () -> {
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
          start(
              () -> {
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
}
