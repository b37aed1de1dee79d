package dev.gvmi.libp2p.address;

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
 * <p>Addresses of a LAN or of the machine itself belong to no group: there, many nodes behind one
 * prefix are the normal case.
 */
public record IpGroup(String prefix) {
  private static final int IP4_BYTES = 3;
  private static final int IP6_BYTES = 6;
  private static final int LINE_BYTES = 7;
  private static final int WHOLE_BYTES = 16;

  /** The groups of the public ones among the addresses. */
  public static Set<IpGroup> of(Collection<Multiaddr> addresses) {
    return addresses.stream()
        .filter(AddressScope.PUBLIC::reaches)
        .map(IpGroup::prefixOf)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The group whether public or not; empty text for an address without IP. */
  public static IpGroup prefixOf(Multiaddr address) {
    return address
        .ip()
        .map(ip -> of(ip, ip.getAddress().length == 4 ? IP4_BYTES : IP6_BYTES))
        .orElse(new IpGroup(""));
  }

  /**
   * One customer's line: an IPv4 address, a public IPv6 /56. Of other IPv6 addresses each is one,
   * because a LAN has them all behind one prefix. An address without IP is its first part.
   */
  public static IpGroup lineOf(Multiaddr address) {
    return address
        .ip()
        .map(ip -> of(ip, AddressScope.PUBLIC.reaches(address) ? LINE_BYTES : WHOLE_BYTES))
        .orElseGet(() -> new IpGroup(address.firstPart().toString()));
  }

  private static IpGroup of(InetAddress ip, int most) {
    byte[] bytes = ip.getAddress();
    int count = Math.min(most, bytes.length);
    return new IpGroup(bytes.length + ":" + HexFormat.of().formatHex(Arrays.copyOf(bytes, count)));
  }
}
