package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.HostUsage;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.ping.Ping;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Connections that are made and never finish their handshake: the host stays small, and honest
 * peers still get in.
 */
@Isolated("it measures the heap")
@Timeout(180)
final class HalfOpenIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int CONNECTIONS = 10_000;
  private static final int AT_ONE_TIME = 200;
  private static final long HEAP_GROWTH_BYTES = 24L << 20;

  private final List<Host> hosts = new ArrayList<>();
  private final Deque<SocketChannel> attack = new ArrayDeque<>();
  private Host server;
  private InetSocketAddress target;

  @BeforeEach
  void start() throws IOException {
    server = host("/ip4/127.0.0.1/tcp/0");
    target = server.listenAddresses().getFirst().tcpAddress().orElseThrow();
  }

  private Host host(String... listen) throws IOException {
    Host host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()),
                java.util.Arrays.stream(listen).map(Multiaddr::parse).toList(),
                "test/1",
                HostLimits.DEFAULT));
    hosts.add(host);
    host.start();
    return host;
  }

  @AfterEach
  void closeAll() throws IOException {
    for (SocketChannel channel : attack) {
      channel.close();
    }
    hosts.forEach(Host::close);
  }

  /** From one of as many addresses of loopback as there are attackers. */
  private SocketChannel connect(int attacker) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    try {
      channel.bind(
          new InetSocketAddress(
              InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) attacker}), 0));
    } catch (IOException e) {
      channel.close();
      assumeTrue(false, "loopback has no more addresses: " + e.getMessage());
    }
    channel.connect(target);
    attack.add(channel);
    if (attack.size() > AT_ONE_TIME) {
      attack.remove().close();
    }
    return channel;
  }

  private void honestPeerGetsIn() throws IOException {
    Host honest = host();
    honest.dial(server.listenAddresses().getFirst(), LIMIT);
    assertThat(Ping.measure(honest, server.id(), LIMIT)).isPositive();
    honest.close();
    hosts.remove(honest);
  }

  private static void withinLimits(HostUsage usage) {
    HostLimits limits = HostLimits.DEFAULT;
    assertThat(usage.pendingInbound()).isLessThanOrEqualTo(limits.pendingInbound());
    assertThat(usage.mostOfIp()).isLessThanOrEqualTo(limits.connectionsPerIp());
    assertThat(usage.inboundConnections()).isLessThanOrEqualTo(limits.inboundConnections());
    assertThat(usage.connections()).isLessThanOrEqualTo(limits.connections());
  }

  private static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void tenThousandThatNeverSpeakLeavePlaceAndMemory() throws Exception {
    honestPeerGetsIn();
    long before = heapBytes();
    for (int i = 0; i < CONNECTIONS; i++) {
      connect(1 + i % 8);
      if (i % 500 == 0) {
        withinLimits(server.usage());
      }
      if (i % 2_500 == 2_499) {
        honestPeerGetsIn();
      }
    }
    withinLimits(server.usage());
    assertThat(heapBytes() - before).isLessThan(HEAP_GROWTH_BYTES);
    HostUsage usage = server.usage();
    assertThat(usage.refusedConnections() + usage.evictedHandshakes())
        .isGreaterThan(CONNECTIONS / 2);
    for (SocketChannel channel : attack) {
      channel.close();
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> server.usage().connections() == 0);
  }

  /** Each says the first bytes of a real handshake, one in a second. */
  @Test
  void handshakesOfAByteASecondLeavePlaceAndEnd() throws Exception {
    byte[] hello = "\u0013/multistream/1.0.0\n\u0007/noise\n".getBytes(StandardCharsets.US_ASCII);
    List<SocketChannel> slow = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      slow.add(connect(1 + i % 40));
    }
    AtomicBoolean over = new AtomicBoolean();
    Thread dribble = Thread.ofVirtual().start(() -> dribble(slow, hello, over));
    try {
      await().until(() -> server.usage().pendingInbound() == HostLimits.DEFAULT.pendingInbound());
      withinLimits(server.usage());
      await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(this::honestPeerGetsIn);
      await().atMost(Duration.ofSeconds(30)).until(() -> server.usage().pendingInbound() == 0);
    } finally {
      over.set(true);
      dribble.interrupt();
      dribble.join();
    }
  }

  private static void dribble(List<SocketChannel> slow, byte[] hello, AtomicBoolean over) {
    for (int at = 0; !over.get(); at++) {
      ByteBuffer next = ByteBuffer.wrap(new byte[] {hello[at % hello.length]});
      for (SocketChannel channel : slow) {
        try {
          channel.write(next.duplicate());
        } catch (IOException e) {
          // It was closed, as it should be.
        }
      }
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
