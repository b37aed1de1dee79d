package dev.gvmi.node.swarm;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The addresses that are counted as one, because one owner usually has them all: an IPv4 /24 or an
 * IPv6 /48. An address without an IP is a group of its own.
 */
public record IpGroup(String network) {
  private static final int IP4 = 4;
  private static final int IP6 = 41;
  private static final int IP6_BYTES = 16;
  private static final int MAPPED_IP4_AT = 12;

  /** The group of the first IP in an address, whatever comes after it. */
  public static IpGroup of(Multiaddr address) {
    byte[] bytes = address.toBytes();
    return switch (bytes[0]) {
      case IP4 -> ip4(bytes, 1);
      case IP6 -> ip6(Arrays.copyOfRange(bytes, 1, 1 + IP6_BYTES));
      default -> new IpGroup(address.withoutP2p().toString());
    };
  }

  private static IpGroup ip4(byte[] bytes, int at) {
    return new IpGroup(
        (bytes[at] & 0xff) + "." + (bytes[at + 1] & 0xff) + "." + (bytes[at + 2] & 0xff) + ".0/24");
  }

  private static IpGroup ip6(byte[] ip) {
    if (isMappedIp4(ip)) {
      return ip4(ip, MAPPED_IP4_AT);
    }
    byte[] network = Arrays.copyOf(Arrays.copyOf(ip, 6), IP6_BYTES);
    try {
      return new IpGroup(InetAddress.getByAddress(network).getHostAddress() + "/48");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  /** ::ffff:a.b.c.d, as a socket on {@code ::} shows an IPv4 peer. */
  private static boolean isMappedIp4(byte[] ip) {
    for (int i = 0; i < MAPPED_IP4_AT - 2; i++) {
      if (ip[i] != 0) {
        return false;
      }
    }
    return ip[MAPPED_IP4_AT - 2] == -1 && ip[MAPPED_IP4_AT - 1] == -1;
  }

  @Override
  public String toString() {
    return network;
  }
}
