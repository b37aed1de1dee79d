package dev.gvmi.libp2p.transport.memory;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.transport.TransportContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

final class MemoryTransportTest extends TransportContract {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryNetwork slow = new MemoryNetwork(1, new MemoryFaults(1, LONG, LONG, 0));

  @Override
  protected Transport newTransport() {
    return network.transport();
  }

  @Override
  protected Multiaddr anywhere() {
    return Multiaddr.parse("/memory/0");
  }

  @Override
  protected Multiaddr nowhere() {
    return Multiaddr.parse("/memory/4711");
  }

  @Override
  protected Optional<Unanswered> unanswered() {
    try {
      Multiaddr address = slow.transport().listen(anywhere(), channel -> {});
      return Optional.of(new Unanswered(slow.transport(), address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected String threadNames() {
    return "libp2p-memory";
  }

  @Override
  protected void closeShared() {
    network.close();
    slow.close();
  }
}
