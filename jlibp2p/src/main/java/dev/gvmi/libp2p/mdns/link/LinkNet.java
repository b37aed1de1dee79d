package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses that this machine has on a network, with the subnets that they lie in.
 *
 * <p>Peers of a network are told those of our addresses that are on it, and believed to be where
 * its machines can be: in its subnets, or in private ones. Nobody on it can make us dial a machine
 * of the public network, or our own services at loopback.
 */
public record LinkNet(List<Subnet> subnets) {
  /** Those of an interface, with the bits that are common to a subnet. */
  public record Subnet(InetAddress own, int prefixBits) {}

  public LinkNet {
    subnets = List.copyOf(subnets);
  }

  /** Whether it begins with an address of this machine on this network. */
  boolean isOwn(Multiaddr address) {
    return address.ip().filter(this::isOwn).isPresent();
  }

  private boolean isOwn(InetAddress ip) {
    return subnets.stream().anyMatch(subnet -> sameBits(subnet.own(), ip, Integer.MAX_VALUE));
  }

  /** Whether a peer of this network may be there. */
  boolean isNear(Multiaddr address) {
    return address
        .ip()
        .filter(this::isUsable)
        .filter(ip -> isPrivate(ip) || isOnLink(ip))
        .isPresent();
  }

  /** Whether a machine of this network may have sent from there. */
  public boolean isOnLink(InetAddress ip) {
    return ip.isLinkLocalAddress()
        || subnets.stream().anyMatch(subnet -> sameBits(subnet.own(), ip, subnet.prefixBits()));
  }

  /**
   * Link-local ones would need the name of an interface, which multiaddresses of ours do not have.
   */
  private boolean isUsable(InetAddress ip) {
    return !ip.isLoopbackAddress()
        && !ip.isAnyLocalAddress()
        && !ip.isMulticastAddress()
        && !ip.isLinkLocalAddress();
  }

  private static boolean isPrivate(InetAddress ip) {
    return ip instanceof Inet6Address
        ? (ip.getAddress()[0] & 0xfe) == 0xfc
        : ip.isSiteLocalAddress();
  }

  private static boolean sameBits(InetAddress one, InetAddress other, int bits) {
    byte[] a = one.getAddress();
    byte[] b = other.getAddress();
    if (a.length != b.length) {
      return false;
    }
    int common = Math.min(bits, 8 * a.length);
    int whole = common / 8;
    int rest = common % 8;
    return Arrays.equals(a, 0, whole, b, 0, whole)
        && (rest == 0 || ((a[whole] ^ b[whole]) & 0xff) >> (8 - rest) == 0);
  }
}
