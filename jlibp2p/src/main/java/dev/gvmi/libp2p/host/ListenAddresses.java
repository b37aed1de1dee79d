package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/** What "all interfaces" means on this machine. */
final class ListenAddresses {
  private ListenAddresses() {}

  /**
   * The address itself, or, if it is unspecified, one of the same family for each interface that is
   * up.
   */
  static Stream<Multiaddr> expand(Multiaddr bound) {
    boolean quic = bound.quicAddress().isPresent();
    InetSocketAddress socket = bound.tcpAddress().or(bound::quicAddress).orElse(null);
    if (socket == null || !socket.getAddress().isAnyLocalAddress()) {
      return Stream.of(bound);
    }
    boolean ip4 = socket.getAddress() instanceof Inet4Address;
    return interfaceAddresses()
        .filter(address -> address instanceof Inet4Address == ip4)
        .filter(address -> !address.isLinkLocalAddress())
        .map(address -> new InetSocketAddress(address, socket.getPort()))
        .map(address -> quic ? Multiaddr.ofQuic(address) : Multiaddr.ofTcp(address));
  }

  private static Stream<InetAddress> interfaceAddresses() {
    try {
      List<NetworkInterface> interfaces =
          NetworkInterface.networkInterfaces().filter(ListenAddresses::isUp).toList();
      return interfaces.stream().flatMap(NetworkInterface::inetAddresses);
    } catch (SocketException e) {
      return Stream.of(InetAddress.getLoopbackAddress());
    }
  }

  private static boolean isUp(NetworkInterface device) {
    try {
      return device.isUp();
    } catch (SocketException e) {
      return false;
    }
  }
}
