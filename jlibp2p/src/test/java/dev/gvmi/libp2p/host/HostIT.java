package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.negotiate.UnsupportedProtocolException;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ProtocolId ECHO = new ProtocolId("/test/echo/1.0.0");
  private static final int MIB = 1 << 20;
  private final List<Host> hosts = new ArrayList<>();

  private Host host(HostLimits limits, String... listen) throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    List<Multiaddr> addresses = java.util.Arrays.stream(listen).map(Multiaddr::parse).toList();
    Host host = Libp2pHost.create(new HostConfig(key, addresses, "test/1", limits));
    hosts.add(host);
    host.handle(ECHO, HostIT::echo);
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

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  @AfterEach
  void closeHosts() {
    hosts.forEach(Host::close);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0"})
  void connectsIdentifiesAndPings(String listen) throws Exception {
    Host server = host(listen);
    Host client = host();
    assertThat(client.dial(addressOf(server), LIMIT)).isEqualTo(server.id());
    PeerInfo info = client.peer(server.id()).orElseThrow();
    assertThat(info.agent()).isEqualTo("test/1");
    assertThat(info.protocols()).contains(ECHO, Ping.PROTOCOL);
    assertThat(info.listenAddresses()).containsAll(server.listenAddresses());
    assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
    await().until(() -> server.peer(client.id()).isPresent());
    assertThat(Ping.measure(server, client.id(), LIMIT)).isPositive();
  }

  @Test
  void listensOnAllAddressesOfBothFamiliesAtOnePort() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Host server = host("/ip4/0.0.0.0/tcp/" + port, "/ip6/::/tcp/" + port);
    Multiaddr ip4 = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port);
    Multiaddr ip6 = Multiaddr.parse("/ip6/::1/tcp/" + port);
    assertThat(server.listenAddresses()).contains(ip4);
    assertThat(host().dial(ip4, LIMIT)).isEqualTo(server.id());
    if (server.listenAddresses().contains(ip6)) {
      assertThat(host().dial(ip6, LIMIT)).isEqualTo(server.id());
    }
  }

  @Test
  void doesNotTakeIp6WhenToldToListenOnIp4() throws Exception {
    Host server = host("/ip4/0.0.0.0/tcp/0");
    assertThat(server.listenAddresses())
        .isNotEmpty()
        .allMatch(address -> address.toString().startsWith("/ip4/"));
  }

  @Test
  void echoes64MiBInBothDirections() throws Exception {
    Host server = host("/ip4/127.0.0.1/tcp/0");
    Host client = host();
    client.dial(addressOf(server), LIMIT);
    assertThat(roundTrip(client, server.id(), 64 * MIB, 1)).isTrue();
    await().until(() -> server.peer(client.id()).isPresent());
    assertThat(roundTrip(server, client.id(), 64 * MIB, 2)).isTrue();
  }

  private static boolean roundTrip(Host from, PeerId to, int bytes, int seed) throws Exception {
    try (Stream stream = from.newStream(to, LIMIT, ECHO)) {
      stream.timeout(LIMIT);
      MessageDigest sent = MessageDigest.getInstance("SHA-256");
      MessageDigest received = MessageDigest.getInstance("SHA-256");
      CompletableFuture<Void> writing = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              Random random = new Random(seed);
              byte[] piece = new byte[100_000];
              for (int left = bytes; left > 0; left -= piece.length) {
                random.nextBytes(piece);
                int count = Math.min(left, piece.length);
                sent.update(piece, 0, count);
                stream.write(ByteBuffer.wrap(piece, 0, count));
              }
              stream.closeWrite();
              writing.complete(null);
            } catch (IOException e) {
              writing.completeExceptionally(e);
            }
          });
      ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
      long total = 0;
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        received.update(buffer.flip());
        total += count;
        buffer.clear();
      }
      writing.get(20, java.util.concurrent.TimeUnit.SECONDS);
      return total == bytes && MessageDigest.isEqual(sent.digest(), received.digest());
    }
  }

  @Test
  void refusesAnotherPeerThanTheOneDialled() throws Exception {
    Host server = host("/ip4/127.0.0.1/tcp/0");
    Host client = host();
    PeerId other = HostKey.generate(new SecureRandom()).peerId();
    Multiaddr wrong = server.listenAddresses().getFirst().withP2p(other.multihash());
    assertThatThrownBy(() -> client.dial(wrong, LIMIT)).isInstanceOf(IOException.class);
    assertThat(client.peers()).isEmpty();
  }

  @Test
  void saysThatThePeerDoesNotSpeakTheProtocol() throws Exception {
    Host server = host("/ip4/127.0.0.1/tcp/0");
    Host client = host();
    client.dial(addressOf(server), LIMIT);
    assertThatThrownBy(() -> client.newStream(server.id(), LIMIT, new ProtocolId("/nobody")))
        .isInstanceOf(UnsupportedProtocolException.class);
    assertThat(Ping.measure(client, server.id(), LIMIT)).isPositive();
  }

  @Test
  void dialToNobodyFailsWithTheAddressInTheMessage() throws Exception {
    Host client = host();
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + unused);
    assertThatThrownBy(() -> client.dial(address, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(address.toString());
  }

  @Test
  void aListenerThatSpeaksGibberishIsDropped() throws Exception {
    Host client = host();
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket peer = socket.accept()) {
              peer.getOutputStream()
                  .write(
                      "HTTP/1.1 400 Bad Request\r\n\r\n"
                          .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
              peer.getOutputStream().flush();
              int _ = peer.getInputStream().read(new byte[1024]);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      Multiaddr address = Multiaddr.ofTcp((InetSocketAddress) socket.getLocalSocketAddress());
      assertThatThrownBy(() -> client.dial(address, LIMIT)).isInstanceOf(IOException.class);
      assertThat(client.peers()).isEmpty();
    }
  }

  @Test
  void refusesOneConnectionOverTheLimitOfAnIp() throws Exception {
    Host server = host(new HostLimits(64, 2, 8, 8, 64, 8), "/ip4/127.0.0.1/tcp/0");
    host().dial(addressOf(server), LIMIT);
    host().dial(addressOf(server), LIMIT);
    Host third = host();
    assertThatThrownBy(() -> third.dial(addressOf(server), LIMIT)).isInstanceOf(IOException.class);
  }

  @Test
  void tellsListenersOfPeersThatComeAndGo() throws Exception {
    Host server = host("/ip4/127.0.0.1/tcp/0");
    List<String> seen = new CopyOnWriteArrayList<>();
    server.addConnectionListener(
        new ConnectionListener() {
          @Override
          public void connected(PeerInfo peer) {
            seen.add("+" + peer.id());
          }

          @Override
          public void disconnected(PeerInfo peer) {
            seen.add("-" + peer.id());
          }
        });
    Host client = host();
    client.dial(addressOf(server), LIMIT);
    client.disconnect(server.id());
    await().until(() -> seen.size() == 2);
    assertThat(seen).containsExactly("+" + client.id(), "-" + client.id());
    assertThat(server.peers()).isEmpty();
  }

  @Test
  void aStreamToAHostThatIsClosedFails() throws Exception {
    Host server = host("/ip4/127.0.0.1/tcp/0");
    Host client = host();
    client.dial(addressOf(server), LIMIT);
    Stream stream = client.newStream(server.id(), LIMIT, ECHO);
    stream.write(ByteBuffer.wrap(new byte[] {1}));
    stream.flush();
    stream.timeout(LIMIT);
    assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(1);
    server.close();
    assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
        .isInstanceOf(StreamResetException.class);
  }

  @Test
  void bindsNothingWhenOneOfItsAddressesIsTaken() throws Exception {
    Host first = host("/ip4/127.0.0.1/tcp/0");
    String taken = first.listenAddresses().getFirst().toString();
    assertThatThrownBy(() -> host("/ip4/127.0.0.1/tcp/0", taken))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken);
    assertThat(hosts.getLast().listenAddresses()).isEmpty();
  }
}
