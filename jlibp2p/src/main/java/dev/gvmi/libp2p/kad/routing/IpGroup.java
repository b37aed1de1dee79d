package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Addresses that one party can easily have many of: a public IPv4 /24, a public IPv6 /48..
 *
 * <p>Addresses of a LAN or of the machine itself belong to no group: there, many nodes behind one prefix are the normal case.
 */
public record IpGroup(String prefix) {
  private static final int IP4_BYTES = 3;
  private static final int IP6_BYTES = 6;

  /** The groups of the public ones among the addresses. */
  public static Set<IpGroup> of(Collection<Multiaddr> addresses) {
    return addresses.stream()
        .filter(AddressScope.PUBLIC::reaches)
        .map(IpGroup::prefixOf)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The group whether public or not; empty text for an address without IP. */
  static IpGroup prefixOf(Multiaddr address) {
    return AddressScope.ip(address).map(IpGroup::of).orElse(new IpGroup(""));
  }

  private static IpGroup of(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    int count = bytes.length == 4 ? IP4_BYTES : IP6_BYTES;
    return new IpGroup(bytes.length + ":" + HexFormat.of().formatHex(Arrays.copyOf(bytes, count)));
  }
}
