package dev.gvmi.libp2p.multiformats;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Text and bytes of the values in an address, each form of which stands for one of the other. Pure:
 * never asks a name service.
 */
final class AddressText {
  private static final int MOST_PREFIX_BITS = 128;
  private static final int MOST_QUOTED = 200;

  /** What would move the cursor of a terminal, or make two lines of one. */
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private AddressText() {}

  static byte[] parse(Protocol protocol, String value) {
    byte[] bytes = bytes(protocol, value);
    check(protocol, bytes);
    return bytes;
  }

  private static byte[] bytes(Protocol protocol, String value) {
    return switch (protocol) {
      case IP4 -> ip4(value);
      case IP6 -> ip6(value);
      case TCP, UDP -> ByteBuffer.allocate(2).putShort((short) number(value, 65_535)).array();
      case IPCIDR -> new byte[] {(byte) number(value, MOST_PREFIX_BITS)};
      case P2P -> p2p(value).toBytes();
      case CERTHASH -> Multihash.fromBytes(Multibase.decode(value)).toBytes();
      case UNIX -> ("/" + value).getBytes(StandardCharsets.UTF_8);
      default -> value.getBytes(StandardCharsets.UTF_8);
    };
  }

  static String format(Protocol protocol, byte[] value) {
    return switch (protocol) {
      case IP4 -> ip(value);
      case IP6 -> shortestIp6(value);
      case TCP, UDP -> Integer.toString(ByteBuffer.wrap(value).getShort() & 0xffff);
      case IPCIDR -> Integer.toString(value[0] & 0xff);
      case P2P -> Base.BASE58.encode(value);
      case CERTHASH -> Multibase.BASE64_URL.encode(value);
      case UNIX -> new String(value, 1, value.length - 1, StandardCharsets.UTF_8);
      default -> new String(value, StandardCharsets.UTF_8);
    };
  }

  /** {@link IllegalArgumentException} unless the bytes can be a value of the protocol. */
  static void check(Protocol protocol, byte[] value) {
    switch (protocol) {
      case P2P -> peer(Multihash.fromBytes(value));
      case CERTHASH -> Multihash.fromBytes(value);
      case DNS, DNS4, DNS6, DNSADDR, SNI, IP6ZONE, MEMORY -> {
        String text = text(protocol, value);
        require(!text.isEmpty() && text.indexOf('/') < 0, protocol);
      }
      case UNIX -> {
        String path = text(protocol, value);
        require(path.length() > 1 && path.startsWith("/") && !path.endsWith("/"), protocol);
      }
      case IPCIDR -> require((value[0] & 0xff) <= MOST_PREFIX_BITS, protocol);
      default -> {}
    }
  }

  private static String text(Protocol protocol, byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    require(
        Arrays.equals(text.getBytes(StandardCharsets.UTF_8), value)
            && !INVISIBLE.matcher(text).find(),
        protocol);
    return text;
  }

  private static void require(boolean valid, Protocol protocol) {
    if (!valid) {
      throw new IllegalArgumentException("malformed " + protocol.text() + " value");
    }
  }

  /** At most 200 characters, all of them visible: fit for a line. */
  static String inLine(String text) {
    String head = text.length() <= MOST_QUOTED ? text : text.substring(0, MOST_QUOTED) + "..";
    return INVISIBLE.matcher(head).replaceAll("?");
  }

  static Multihash p2p(String text) {
    boolean base58 = text.startsWith("1") || text.startsWith("Qm");
    if (base58) {
      return peer(Multihash.fromBytes(Base.BASE58.decode(text)));
    }
    Cid cid = Cid.parse(text);
    if (cid.codec() != Cid.LIBP2P_KEY) {
      throw new IllegalArgumentException("the CID " + text + " does not name a peer");
    }
    return peer(cid.multihash());
  }

  private static Multihash peer(Multihash hash) {
    if (!hash.namesPeer()) {
      throw new IllegalArgumentException("the multihash " + hash + " does not name a peer");
    }
    return hash;
  }

  private static int number(String text, int most) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > most) {
      throw new IllegalArgumentException("\"" + text + "\" is no number from 0 to " + most);
    }
    return Integer.parseInt(text);
  }

  private static byte[] ip4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("\"" + text + "\" is no IPv4 address");
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) number(parts[i], 255);
    }
    return bytes;
  }

  private static byte[] ip6(String text) {
    if (!text.matches("[0-9a-fA-F:.]{2,45}") || text.indexOf(':') < 0) {
      throw new IllegalArgumentException("\"" + text + "\" is no IPv6 address");
    }
    try {
      byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
      return bytes.length == 16 ? bytes : mapped(bytes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no IPv6 address", e);
    }
  }

  private static byte[] mapped(byte[] ip4) {
    byte[] bytes = new byte[16];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(ip4, 0, bytes, 12, 4);
    return bytes;
  }

  private static String ip(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::". */
  private static String shortestIp6(byte[] bytes) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ByteBuffer.wrap(bytes).getShort(2 * i) & 0xffff;
    }
    if (isMapped(groups)) {
      return "::ffff:" + ip(Arrays.copyOfRange(bytes, 12, 16));
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    return start < 0
        ? join(groups, 0, 8)
        : join(groups, 0, start) + "::" + join(groups, start + length, 8);
  }

  private static String join(int[] groups, int from, int to) {
    return Arrays.stream(groups, from, to)
        .mapToObj(Integer::toHexString)
        .collect(java.util.stream.Collectors.joining(":"));
  }

  private static boolean isMapped(int[] groups) {
    return groups[5] == 0xffff && Arrays.stream(groups, 0, 5).allMatch(g -> g == 0);
  }
}
