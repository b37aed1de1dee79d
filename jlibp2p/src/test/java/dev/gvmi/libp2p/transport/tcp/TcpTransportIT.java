package dev.gvmi.libp2p.transport.tcp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.transport.TransportContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it waits until no thread of a transport is left")
final class TcpTransportIT {
  /** Over one family of addresses. */
  abstract static class OverLoopback extends TransportContract {
    private final String ip;

    OverLoopback(String ip) {
      this.ip = ip;
    }

    @BeforeEach
    void needsTheFamily() {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getByName(ip), 0));
      } catch (IOException e) {
        assumeTrue(false, "cannot listen on " + ip + ": " + e.getMessage());
      }
    }

    @Override
    protected Transport newTransport() {
      return new TcpTransport();
    }

    @Override
    protected Multiaddr anywhere() {
      return at(0);
    }

    private Multiaddr at(int port) {
      try {
        return Multiaddr.ofTcp(new InetSocketAddress(InetAddress.getByName(ip), port));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Port 1 is tcpmux, which nobody has served for decades. */
    @Override
    protected Multiaddr nowhere() {
      return at(1);
    }

    @Override
    protected Optional<Unanswered> unanswered() {
      return Optional.empty();
    }

    @Override
    protected String threadNames() {
      return "libp2p-io";
    }
  }

  @Nested
  final class Ip4 extends OverLoopback {
    Ip4() {
      super("127.0.0.1");
    }
  }

  @Nested
  final class Ip6 extends OverLoopback {
    Ip6() {
      super("::1");
    }
  }
}
