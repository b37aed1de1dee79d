package dev.gvmi.node.origin;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** IP addresses that begin with the same bits. Pure. */
final class AddressRange {
  private final byte[] prefix;
  private final int bits;

  private AddressRange(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /** One that is written like 10.0.0.0/8. */
  static AddressRange of(String text) {
    int slash = text.indexOf('/');
    try {
      return new AddressRange(
          InetAddress.getByName(text.substring(0, slash)).getAddress(),
          Integer.parseInt(text.substring(slash + 1)));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no range: " + text, e);
    }
  }

  static List<AddressRange> all(String... texts) {
    return Arrays.stream(texts).map(AddressRange::of).toList();
  }

  /** The IPv6 form of IPv4 addresses, ::ffff:0:0/96, which Java does not let one write. */
  static AddressRange mapped() {
    byte[] prefix = new byte[16];
    prefix[10] = (byte) 0xff;
    prefix[11] = (byte) 0xff;
    return new AddressRange(prefix, 96);
  }

  boolean contains(byte[] address) {
    if (address.length != prefix.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
