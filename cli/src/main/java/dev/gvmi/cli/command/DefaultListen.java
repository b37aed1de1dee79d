package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/** Where a node listens when nothing else is said: all addresses of the families that this machine has. */
final class DefaultListen {
  private static final Multiaddr IP4 = Multiaddr.parse("/ip4/0.0.0.0/tcp/7437");
  private static final Multiaddr IP6 = Multiaddr.parse("/ip6/::/tcp/7437");

  private DefaultListen() {}

  static List<Multiaddr> addresses() {
    return hasIp6() ? List.of(IP4, IP6) : List.of(IP4);
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
