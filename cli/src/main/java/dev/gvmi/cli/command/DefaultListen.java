package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a node listens when nothing else is said: all addresses of the families that this machine
 * has.
 */
final class DefaultListen {
  private static final List<Multiaddr> IP4 = at("/ip4/0.0.0.0");
  private static final List<Multiaddr> IP6 = at("/ip6/::");

  private DefaultListen() {}

  static List<Multiaddr> addresses() {
    return hasIp6() ? Stream.of(IP4, IP6).flatMap(List::stream).toList() : IP4;
  }

  private static List<Multiaddr> at(String ip) {
    return Stream.of("/tcp/7437", "/udp/7437/quic-v1")
        .map(transport -> Multiaddr.parse(ip + transport))
        .toList();
  }

  private static boolean hasIp6() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .anyMatch(Inet6Address.class::isInstance);
    } catch (SocketException e) {
      return false;
    }
  }
}
