package dev.gvmi.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.transport.memory.MemoryFaults;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import io.netty.channel.Channel;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hosts that need no sockets. */
@Timeout(120)
final class MemoryHostTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int HOSTS = 200;
  private static final int THREADS = 2;

  private final MemoryNetwork network = new MemoryNetwork(THREADS, MemoryFaults.NONE);
  private final List<Host> hosts = new ArrayList<>();

  private Host host() throws IOException {
    Host host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()),
                List.of(Multiaddr.parse("/memory/0")),
                "test/1",
                HostLimits.DEFAULT),
            List.of(network.transport()));
    hosts.add(host);
    host.start();
    return host;
  }

  @AfterEach
  void closeAll() {
    hosts.forEach(Host::close);
    network.close();
  }

  private static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  @Test
  void twoHundredHostsShareAFewThreads() throws Exception {
    for (int i = 0; i < HOSTS; i++) {
      host();
    }
    for (int i = 0; i < HOSTS; i++) {
      Host host = hosts.get(i);
      Host next = hosts.get((i + 1) % HOSTS);
      assertThat(host.dial(addressOf(next), LIMIT)).isEqualTo(next.id());
      assertThat(Ping.measure(host, next.id(), LIMIT)).isPositive();
    }
    assertThat(hosts.getFirst().peer(hosts.get(1).id()).orElseThrow().listenAddresses())
        .isEqualTo(hosts.get(1).listenAddresses());
    assertThat(
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("libp2p-")))
        .hasSizeBetween(THREADS, THREADS + Runtime.getRuntime().availableProcessors());
  }

  @Test
  void dialsOnlyWhatItsTransportsHandle() throws Exception {
    Host host = host();
    assertThatThrownBy(() -> host.dial(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no transport");
    assertThatThrownBy(() -> host.dial(Multiaddr.parse("/memory/4711"), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/memory/4711");
  }

  @Test
  void skipsListenAddressesOfATransportThatThisMachineCannotHave() throws Exception {
    Multiaddr quic = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");
    Host host =
        Libp2pHost.create(
            new HostConfig(
                HostKey.generate(new SecureRandom()),
                List.of(quic, Multiaddr.parse("/memory/0")),
                "test/1",
                HostLimits.DEFAULT),
            List.of(network.transport(), new MissingTransport(quic)));
    hosts.add(host);
    host.start();
    assertThat(host.listenAddresses()).hasSize(1).doesNotContain(quic);
    assertThatThrownBy(() -> host.dial(quic, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not on this machine");
  }

  /** One whose library is not there. */
  private record MissingTransport(Multiaddr own) implements Transport {
    @Override
    public Optional<String> unavailable() {
      return Optional.of("not on this machine");
    }

    @Override
    public boolean handles(Multiaddr address) {
      return address.equals(own);
    }

    @Override
    public Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) {
      throw new AssertionError("a host listens where nothing can");
    }

    @Override
    public Multiaddr remoteAddress(Channel channel) {
      return own;
    }

    @Override
    public CompletableFuture<Channel> dial(Multiaddr address, Duration timeout) {
      return CompletableFuture.failedFuture(new IOException("not on this machine"));
    }

    @Override
    public void stopListening() {}

    @Override
    public void close() {}
  }
}
