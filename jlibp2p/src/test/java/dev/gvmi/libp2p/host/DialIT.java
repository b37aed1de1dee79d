package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.network.FakeResolver;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.libp2p.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a host finds its way to a peer. A black hole takes connections and never says a word. */
@Timeout(120)
final class DialIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final FakeResolver resolver = new FakeResolver();

  private Host host(HostLimits limits, String... listen) throws IOException {
    HostConfig config =
        new HostConfig(
            HostKey.generate(new SecureRandom()),
            java.util.Arrays.stream(listen).map(Multiaddr::parse).toList(),
            "test/1",
            limits);
    Host host = Libp2pHost.create(config, List.of(new TcpTransport()), resolver);
    open.add(host);
    host.start();
    return host;
  }

  private Host server() throws IOException {
    return host(HostLimits.DEFAULT, "/ip4/127.0.0.1/tcp/0");
  }

  private Host client() throws IOException {
    return host(HostLimits.DEFAULT);
  }

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst();
  }

  private static final class BlackHole implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> taken = new CopyOnWriteArrayList<>();

    BlackHole() throws IOException {
      listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
      Thread.ofVirtual().start(this::take);
    }

    private void take() {
      try {
        while (true) {
          taken.add(listener.accept());
        }
      } catch (IOException e) {
        // It is closed.
      }
    }

    Multiaddr address() {
      return Multiaddr.ofTcp((InetSocketAddress) listener.getLocalSocketAddress());
    }

    /** Whether the other end has closed all that were taken, reading what it had sent before. */
    boolean allClosed() {
      for (Socket socket : taken) {
        try {
          socket.setSoTimeout(1);
          if (socket.getInputStream().read(new byte[4096]) >= 0) {
            return false;
          }
        } catch (SocketTimeoutException e) {
          return false;
        } catch (IOException e) {
          // Reset is closed too.
        }
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (Socket socket : taken) {
        socket.close();
      }
    }
  }

  private BlackHole blackHole() throws IOException {
    BlackHole hole = new BlackHole();
    open.add(hole);
    return hole;
  }

  private static Multiaddr refusing() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return Multiaddr.ofTcp((InetSocketAddress) socket.getLocalSocketAddress());
    }
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void aBlackHoleDoesNotHoldUpAGoodAddress() throws Exception {
    Host server = server();
    Host client = client();
    BlackHole hole = blackHole();
    long start = System.nanoTime();
    client.connect(server.id(), List.of(hole.address(), addressOf(server)), LIMIT);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(took).isLessThan(Duration.ofSeconds(5));
    assertThat(client.peer(server.id()).orElseThrow().remoteAddress()).isEqualTo(addressOf(server));
    assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
    await().until(hole::allClosed);
    await().until(() -> client.usage().pendingOutbound() == 0);
    assertThat(client.usage().outboundConnections()).isEqualTo(1);
  }

  @Test
  void anAddressThatFailsAtOnceDoesNotHoldUpTheNext() throws Exception {
    Host server = server();
    Host client = client();
    client.connect(server.id(), List.of(refusing(), refusing(), addressOf(server)), LIMIT);
    assertThat(client.peer(server.id())).isPresent();
  }

  /** What a peer says of another may lead nowhere. */
  @Test
  void anAddressThatOnlyNamesThePeerDoesNotStopTheNext() throws Exception {
    Host server = server();
    Host client = client();
    Multiaddr nowhere = Multiaddr.parse("/p2p/" + server.id());
    client.connect(server.id(), List.of(nowhere, addressOf(server)), LIMIT);
    assertThat(client.peers()).hasSize(1);
  }

  @Test
  void callersAtOneTimeShareOneAttempt() throws Exception {
    BlackHole hole = blackHole();
    Host client = client();
    Host server = server();
    List<FutureTask<String>> callers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      FutureTask<String> caller =
          new FutureTask<>(() -> {
            client.connect(server.id(), List.of(hole.address()), LIMIT);
            return "connected";
          });
      callers.add(caller);
      Thread.ofVirtual().start(caller);
    }
    await().until(() -> !hole.taken.isEmpty());
    client.connect(server.id(), List.of(addressOf(server)), LIMIT);
    for (FutureTask<String> caller : callers) {
      assertThat(caller.get(20, TimeUnit.SECONDS)).isEqualTo("connected");
    }
    assertThat(hole.taken).hasSize(1);
    await().until(hole::allClosed);
    assertThat(client.usage().mostOfPeer()).isEqualTo(1);
  }

  @Test
  void anAttemptEndsWhenNobodyWaitsForIt() throws Exception {
    BlackHole hole = blackHole();
    Host client = client();
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    assertThatThrownBy(() -> client.connect(peer, List.of(hole.address()), Duration.ofMillis(200)))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("within 200 ms");
    await().until(() -> client.usage().outboundConnections() == 0);
    await().until(hole::allClosed);
  }

  @Test
  void anInterruptedCallerLeaves() throws Exception {
    BlackHole hole = blackHole();
    Host client = client();
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                client.connect(peer, List.of(hole.address()), LIMIT);
              } catch (IOException e) {
                failure.complete(e);
              }
            });
    await().until(() -> !hole.taken.isEmpty());
    caller.interrupt();
    assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
    await().until(() -> client.usage().outboundConnections() == 0);
  }

  @Test
  void dialsNoMoreAddressesAtOnceThanTheLimit() throws Exception {
    Host client = host(HostLimits.DEFAULT.withPendingOutbound(2));
    BlackHole hole = blackHole();
    for (int i = 0; i < 3; i++) {
      PeerId peer = HostKey.generate(new SecureRandom()).peerId();
      Thread.ofVirtual()
          .start(() -> {
            try {
              client.connect(peer, List.of(hole.address()), Duration.ofSeconds(4));
            } catch (IOException e) {
              // It is a black hole.
            }
          });
    }
    await().until(() -> hole.taken.size() == 2);
    assertThat(client.usage().pendingOutbound()).isEqualTo(2);
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(3))
        .until(() -> hole.taken.size() == 2);
  }

  @Test
  void addressesThatFailedAreLeftAloneUnlessAUserDials() throws Exception {
    Host client = client();
    Host server = server();
    Multiaddr address = addressOf(server);
    server.close();
    assertThatThrownBy(() -> client.connect(server.id(), List.of(address), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(address.toString());
    assertThatThrownBy(() -> client.connect(server.id(), List.of(address), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("failed a short time ago");
    Multiaddr whole = address.withP2p(server.id().multihash());
    assertThatThrownBy(() -> client.dial(whole, LIMIT))
        .isInstanceOf(IOException.class)
        .message()
        .doesNotContain("failed a short time ago");
  }

  @Test
  void saysInOneLineWhyNoAddressWillDo() throws Exception {
    Host client = server();
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr other = addressOf(client).withP2p(client.id().multihash());
    assertThatThrownBy(() ->
            client.connect(
                peer,
                List.of(
                    Multiaddr.parse("/ip4/192.0.2.1/tcp/1/ws"),
                    addressOf(client),
                    other,
                    Multiaddr.parse("/dns4/nobody.example/tcp/1")),
                LIMIT))
        .isInstanceOf(IOException.class)
        .message()
        .contains("no transport", "it is this host", "another peer's", "nobody.example")
        .doesNotContain("\n");
    assertThatThrownBy(() -> client.connect(peer, List.of(), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no address is known");
    assertThatThrownBy(() -> client.connect(client.id(), List.of(addressOf(client)), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it is this host");
    assertThat(client.usage().outboundConnections()).isZero();
  }

  @Test
  void dialsByName() throws Exception {
    Host server = server();
    Host client = client();
    resolver
        .host("a.example", "127.0.0.1")
        .text(
            "_dnsaddr.boot.example",
            "dnsaddr="
                + addressOf(server).toString().replace("ip4/127.0.0.1", "dns4/a.example")
                + "/p2p/"
                + server.id());
    assertThat(client.dial(Multiaddr.parse("/dnsaddr/boot.example"), LIMIT)).isEqualTo(server.id());
    assertThat(client.peer(server.id()).orElseThrow().remoteAddress()).isEqualTo(addressOf(server));
    assertThatThrownBy(() -> client.dial(Multiaddr.parse("/dns4/nobody.example/tcp/1"), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot resolve /dns4/nobody.example/tcp/1: no name server knows nobody.example");
  }

  @Test
  void aDialAfterADisconnectNeverGetsTheDyingConnection() throws Exception {
    Host server = server();
    Host client = client();
    Multiaddr address = addressOf(server).withP2p(server.id().multihash());
    for (int i = 0; i < 6; i++) {
      client.dial(address, LIMIT);
      assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
      client.disconnect(server.id());
      assertThat(client.peer(server.id())).isEmpty();
      assertThat(client.connection(server.id())).isEmpty();
      assertThat(client.peers()).isEmpty();
    }
  }

  @Test
  void twoConnectionsToAPeerAreOnePeer() throws Exception {
    Host server = server();
    Host client = client();
    client.dial(addressOf(server), LIMIT);
    client.dial(addressOf(server), LIMIT);
    assertThat(client.usage().mostOfPeer()).isEqualTo(2);
    assertThat(client.peers()).hasSize(1);
    await().until(() -> server.usage().mostOfPeer() == 2);
    assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
    assertThat(Ping.measure(server, client.id(), LIMIT)).isPositive();
    assertThat(client.connection(server.id()).orElseThrow().receivedBytes()).isPositive();
    client.disconnect(server.id());
    await().until(() -> server.peers().isEmpty());
    await().until(() -> client.usage().connections() == 0);
  }

  @Test
  void measuresTheRoundTripBySelf() throws Exception {
    Host server = server();
    Host client = client();
    client.dial(addressOf(server), LIMIT);
    await().until(() -> client.connection(server.id()).orElseThrow().rtt().isPresent());
    assertThat(client.connection(server.id()).orElseThrow().rtt().orElseThrow())
        .isBetween(Duration.ofNanos(1), LIMIT);
  }

  @Test
  void closingTheHostEndsItsDials() throws Exception {
    BlackHole hole = blackHole();
    Host client = client();
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    FutureTask<String> caller =
        new FutureTask<>(() -> {
          client.connect(peer, List.of(hole.address()), Duration.ofSeconds(60));
          return "connected";
        });
    Thread.ofVirtual().start(caller);
    await().until(() -> !hole.taken.isEmpty());
    client.close();
    assertThatThrownBy(() -> caller.get(10, TimeUnit.SECONDS)).hasMessageContaining("given up");
    assertThatThrownBy(() -> client.connect(peer, List.of(hole.address()), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }
}
