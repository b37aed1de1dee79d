package dev.gvmi.node.origin;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Which IP addresses a URL of a stranger may lead to: those of the public network, unless private
 * ones are allowed. Pure.
 *
 * <p>An IPv6 address that carries an IPv4 address is what that is. What no host can have, multicast
 * and broadcast included, is never allowed.
 *
 * <p><b>Source:</b> IANA's special-purpose address registries (RFC 6890 and its updates).
 */
public enum AddressRules {
  PUBLIC_ONLY,
  PRIVATE_TOO;

  /** No host has these. */
  private static final List<AddressRange> NOBODY =
      AddressRange.all("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8");

  /** What is this machine's or this network's own, or kept for special uses. */
  private static final List<AddressRange> SPECIAL =
      AddressRange.all(
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "240.0.0.0/4");

  private static final AddressRange GLOBAL_UNICAST = AddressRange.of("2000::/3");

  /** What is special of it; Teredo, which carries IPv4 addresses, included. */
  private static final List<AddressRange> SPECIAL_UNICAST =
      AddressRange.all("2001::/23", "2001:db8::/32", "3fff::/20");

  /** These carry an IPv4 address in their last 32 bits: mapped, compatible, NAT64. */
  private static final List<AddressRange> CARRIERS =
      List.of(AddressRange.mapped(), AddressRange.of("::/96"), AddressRange.of("64:ff9b::/96"));

  /** 6to4: the IPv4 address follows the first 16 bits. */
  private static final AddressRange SIX_TO_FOUR = AddressRange.of("2002::/16");

  private static final AddressRange LOOPBACK = AddressRange.of("::1/128");

  /** Whether a connection to this address may be made. */
  public boolean allow(InetAddress address) {
    byte[] bytes = carried(address.getAddress());
    if (isIn(NOBODY, bytes)) {
      return false;
    }
    return this == PRIVATE_TOO || isPublic(bytes);
  }

  private static boolean isPublic(byte[] bytes) {
    return bytes.length == 4
        ? !isIn(SPECIAL, bytes)
        : GLOBAL_UNICAST.contains(bytes) && !isIn(SPECIAL_UNICAST, bytes);
  }

  private static boolean isIn(List<AddressRange> ranges, byte[] bytes) {
    return ranges.stream().anyMatch(range -> range.contains(bytes));
  }

  /** The IPv4 address that is in an IPv6 address, or the address itself. */
  private static byte[] carried(byte[] bytes) {
    if (bytes.length == 4 || LOOPBACK.contains(bytes)) {
      return bytes;
    }
    if (isIn(CARRIERS, bytes) || isIsatap(bytes)) {
      return Arrays.copyOfRange(bytes, 12, 16);
    }
    return SIX_TO_FOUR.contains(bytes) ? Arrays.copyOfRange(bytes, 2, 6) : bytes;
  }

  /** RFC 5214: an interface id of 0:5efe or 200:5efe and the IPv4 address. */
  private static boolean isIsatap(byte[] bytes) {
    return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == (byte) 0xfe;
  }
}
