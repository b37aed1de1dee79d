package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.ConnectionGater;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.transport.memory.MemoryFaults;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each point at which a gater may say no. */
@Timeout(60)
final class GaterTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final MemoryNetwork network = new MemoryNetwork(1, MemoryFaults.NONE);
  private final List<Host> hosts = new ArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private Host host(ConnectionGater gater) throws IOException {
    HostConfig config =
        new HostConfig(
                HostKey.generate(new SecureRandom()),
                List.of(Multiaddr.parse("/memory/0")),
                "test/1",
                HostLimits.DEFAULT)
            .withGater(gater);
    Host host = Libp2pHost.create(config, List.of(network.transport()));
    hosts.add(host);
    host.start();
    return host;
  }

  private Host host() throws IOException {
    return host(ConnectionGater.ALLOWS_ALL);
  }

  @AfterEach
  void closeAll() {
    hosts.forEach(Host::close);
    network.close();
  }

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  private static void refuses(Host client, Host server, String message) {
    assertThatThrownBy(() -> client.dial(addressOf(server), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
    assertThat(client.peers()).isEmpty();
    assertThat(server.peers()).isEmpty();
  }

  @Test
  void beforeAPeerIsDialled() throws Exception {
    Host server = host();
    Host client =
        host(
            new ConnectionGater() {
              @Override
              public boolean allowsDial(PeerId peer) {
                asked.add(peer.toString());
                return false;
              }
            });
    refuses(client, server, "the gater refuses this peer");
    assertThat(asked).containsExactly(server.id().toString());
  }

  @Test
  void beforeAnAddressIsDialled() throws Exception {
    Host server = host();
    Host client =
        host(
            new ConnectionGater() {
              @Override
              public boolean allowsDial(Multiaddr address) {
                asked.add(address.toString());
                return false;
              }
            });
    refuses(client, server, "the gater refuses this address");
    assertThat(asked).containsExactly(addressOf(server).toString());
  }

  @Test
  void whenAConnectionComesIn() throws Exception {
    Host server =
        host(
            new ConnectionGater() {
              @Override
              public boolean allowsAccept(Multiaddr remote) {
                asked.add(remote.toString());
                return false;
              }
            });
    Host client = host();
    refuses(client, server, addressOf(server).toString());
    assertThat(asked).containsExactly(client.listenAddresses().getFirst().toString());
    assertThat(server.usage().refusedConnections()).isEqualTo(1);
    assertThat(server.usage().connections()).isZero();
  }

  private ConnectionGater againstSecured() {
    return new ConnectionGater() {
      @Override
      public boolean allowsSecured(boolean inbound, PeerId peer, Multiaddr remote) {
        asked.add((inbound ? "from " : "to ") + peer + " " + remote);
        return false;
      }
    };
  }

  @Test
  void whenThePeerThatWasDialledHasProvenWhoItIs() throws Exception {
    Host server = host();
    Host client = host(againstSecured());
    assertThatThrownBy(() -> client.dial(addressOf(server), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refused by the gater");
    assertThat(asked)
        .containsExactly("to " + server.id() + " " + server.listenAddresses().getFirst());
    assertThat(client.peers()).isEmpty();
  }

  @Test
  void whenThePeerThatCameHasProvenWhoItIs() throws Exception {
    Host server = host(againstSecured());
    Host client = host();
    try {
      client.dial(addressOf(server), LIMIT);
    } catch (IOException e) {
      // It may learn of it before or after its own handshake is done.
    }
    assertThat(asked)
        .containsExactly("from " + client.id() + " " + client.listenAddresses().getFirst());
    assertThat(server.peers()).isEmpty();
    assertThat(server.usage().refusedConnections()).isEqualTo(1);
  }
}
