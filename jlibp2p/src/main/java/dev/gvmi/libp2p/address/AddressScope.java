package dev.gvmi.libp2p.address;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * From how far an IP address can be reached, the nearest first.
 *
 * <p>An address is told to, and believed from, those only who are as near as it reaches: a peer of
 * the public network is told no address of our LAN, and cannot make us dial one.
 */
public enum AddressScope {
  LOOPBACK,
  PRIVATE,
  PUBLIC;

  /**
   * Of the IP address that it begins with; empty if it begins with none, or none that a host can
   * have. Memory of the process is as near as the machine itself.
   */
  public static Optional<AddressScope> of(Multiaddr address) {
    return address.protocols().getFirst() == Protocol.MEMORY
        ? Optional.of(LOOPBACK)
        : address.ip().flatMap(AddressScope::of);
  }

  /** Whether {@code address} can be reached from here and from all that is farther. */
  public boolean reaches(Multiaddr address) {
    return of(address).filter(scope -> scope.compareTo(this) >= 0).isPresent();
  }

  public static AddressScope farther(AddressScope one, AddressScope other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static Optional<AddressScope> of(InetAddress ip) {
    if (ip.isLoopbackAddress()) {
      return Optional.of(LOOPBACK);
    }
    if (ip.isAnyLocalAddress() || ip.isMulticastAddress() || ip.isLinkLocalAddress()) {
      return Optional.empty();
    }
    return ip instanceof Inet4Address ? ofIp4(ip.getAddress()) : ofIp6(ip.getAddress());
  }

  private static Optional<AddressScope> ofIp4(byte[] ip) {
    int first = ip[0] & 0xff;
    int second = ip[1] & 0xff;
    if (first == 0 || first >= 224) {
      return Optional.empty();
    }
    boolean isPrivate =
        first == 10
            || (first == 172 && second >= 16 && second < 32)
            || (first == 192 && second == 168)
            || (first == 100 && second >= 64 && second < 128)
            || (first == 198 && (second == 18 || second == 19));
    return Optional.of(isPrivate ? PRIVATE : PUBLIC);
  }

  /** Global unicast is 2000::/3; unique local addresses are fc00::/7. */
  private static Optional<AddressScope> ofIp6(byte[] ip) {
    if ((ip[0] & 0xe0) == 0x20) {
      return Optional.of(PUBLIC);
    }
    return (ip[0] & 0xfe) == 0xfc ? Optional.of(PRIVATE) : Optional.empty();
  }
}
