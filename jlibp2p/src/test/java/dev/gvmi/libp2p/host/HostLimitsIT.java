package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.libp2p.transport.memory.MemoryFaults;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a whole host refuses, one over each limit, and what it tells of it. */
@Timeout(60)
final class HostLimitsIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ProtocolId ECHO = new ProtocolId("/test/echo/1.0.0");

  private final MemoryNetwork network = new MemoryNetwork(1, MemoryFaults.NONE);
  private final List<Host> hosts = new ArrayList<>();

  private Host host(HostLimits limits) throws IOException {
    HostConfig config =
        new HostConfig(
            HostKey.generate(new SecureRandom()),
            List.of(Multiaddr.parse("/memory/0")),
            "test/1",
            limits);
    Host host = Libp2pHost.create(config, List.of(network.transport()));
    hosts.add(host);
    host.handle(ECHO, HostLimitsIT::echo);
    host.start();
    return host;
  }

  private static void echo(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer buffer = ByteBuffer.allocate(16);
    while (stream.read(buffer) >= 0) {
      stream.write(buffer.flip());
      stream.flush();
      buffer.clear();
    }
  }

  /** A stream that is known to be served. */
  private static Stream served(Host from, Host to) throws IOException {
    Stream stream = from.newStream(to.id(), LIMIT, ECHO);
    stream.timeout(LIMIT);
    stream.write(ByteBuffer.wrap(new byte[] {1}));
    stream.flush();
    if (stream.read(ByteBuffer.allocate(1)) != 1) {
      throw new IOException("the stream was closed");
    }
    return stream;
  }

  /** Those of identify last a moment longer than the dial. */
  private static void awaitNoStreams(Host host) {
    await().until(() -> host.usage().streams() == 0);
  }

  @AfterEach
  void closeAll() {
    hosts.forEach(Host::close);
    network.close();
  }

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst();
  }

  @Test
  void streamsOfAPeerForAProtocolCountOverAllItsConnections() throws Exception {
    Host server = host(new HostLimits(9, 9, 2, 9, 64, 2));
    Host client = host(HostLimits.DEFAULT);
    client.dial(addressOf(server), LIMIT);
    client.dial(addressOf(server), LIMIT);
    Stream first = served(client, server);
    served(client, server);
    assertThatThrownBy(() -> served(client, server)).isInstanceOf(StreamResetException.class);
    assertThat(server.usage().mostStreamsOfPeerAndProtocol()).isEqualTo(2);
    assertThat(server.usage().refusedStreams()).isEqualTo(1);
    assertThat(Ping.measure(client, server.id(), LIMIT)).as("of another protocol").isPositive();
    first.reset(StreamErrors.NONE.code());
    server.disconnect(client.id());
  }

  @Test
  void streamsOfAllConnectionsHaveALimitForThoseThatComeIn() throws Exception {
    Host server = host(HostLimits.DEFAULT.withStreams(3));
    Host client = host(HostLimits.DEFAULT);
    Host other = host(HostLimits.DEFAULT);
    client.dial(addressOf(server), LIMIT);
    other.dial(addressOf(server), LIMIT);
    awaitNoStreams(server);
    List<Stream> open =
        List.of(served(client, server), served(client, server), served(other, server));
    assertThat(open).hasSize(3);
    assertThat(server.usage().streams()).isEqualTo(3);
    assertThat(server.usage().mostStreamsOfConnection()).isEqualTo(2);
    assertThatThrownBy(() -> served(other, server)).isInstanceOf(StreamResetException.class);
    assertThat(server.usage().refusedStreams()).isEqualTo(1);
  }

  @Test
  void streamsOfAllConnectionsHaveALimitForThoseThatGoOut() throws Exception {
    Host server = host(HostLimits.DEFAULT);
    Host client = host(HostLimits.DEFAULT.withStreams(2));
    client.dial(addressOf(server), LIMIT);
    awaitNoStreams(client);
    served(client, server);
    Stream second = served(client, server);
    assertThatThrownBy(() -> served(client, server))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has its 2 streams");
    second.reset(StreamErrors.NONE.code());
  }

  @Test
  void streamsOfAConnectionHaveALimit() throws Exception {
    Host server = host(HostLimits.DEFAULT);
    Host client = host(new HostLimits(9, 9, 2, 9, 2, 64));
    client.dial(addressOf(server), LIMIT);
    awaitNoStreams(client);
    served(client, server);
    served(client, server);
    assertThatThrownBy(() -> served(client, server))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2 streams open already");
  }

  @Test
  void connectionsThatWeMakeHaveALimit() throws Exception {
    Host client = host(HostLimits.DEFAULT.withDirections(9, 1));
    client.dial(addressOf(host(HostLimits.DEFAULT)), LIMIT);
    Multiaddr second = addressOf(host(HostLimits.DEFAULT));
    assertThatThrownBy(() -> client.dial(second, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too many connections");
    assertThat(client.usage().outboundConnections()).isEqualTo(1);
    assertThat(client.usage().pendingOutbound()).isZero();
  }

  @Test
  void connectionsThatComeInHaveALimitThatLeavesPlaceForOurs() throws Exception {
    Host server = host(HostLimits.DEFAULT.withDirections(1, 9));
    host(HostLimits.DEFAULT).dial(addressOf(server), LIMIT);
    Host second = host(HostLimits.DEFAULT);
    assertThatThrownBy(() -> second.dial(addressOf(server), LIMIT)).isInstanceOf(IOException.class);
    assertThat(server.usage().inboundConnections()).isEqualTo(1);
    assertThat(server.usage().refusedConnections()).isEqualTo(1);
    assertThat(server.dial(addressOf(second), LIMIT)).isEqualTo(second.id());
    assertThat(server.usage().connections()).isEqualTo(2);
  }

  @Test
  void connectionsToAPeerHaveALimit() throws Exception {
    Host server = host(HostLimits.DEFAULT);
    Host client = host(new HostLimits(9, 9, 2, 9, 64, 64));
    client.dial(addressOf(server), LIMIT);
    client.dial(addressOf(server), LIMIT);
    assertThatThrownBy(() -> client.dial(addressOf(server), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too many connections to");
    assertThat(client.usage().mostOfPeer()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void aLimitIsAtLeastOne(int which) {
    int[] limits = {1, 1, 1, 1, 1, 1};
    limits[which] = 0;
    assertThatThrownBy(
            () -> new HostLimits(limits[0], limits[1], limits[2], limits[3], limits[4], limits[5]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
