package dev.gvmi.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A self-describing network address, such as {@code /ip4/192.0.2.1/tcp/7437/p2p/12D3Koo...}.
 * Immutable, equal by bytes.
 *
 * <p><b>Shape:</b> for each part its varint code and its value; values of variable length have a
 * varint length in front.
 *
 * <p><b>Source:</b> multiformats, multiaddr.
 */
public final class Multiaddr {
  /** No address is longer. */
  public static final int MAX_BYTES = 1024;

  /** No address has more parts. */
  public static final int MAX_PARTS = 16;

  private final List<Part> parts;

  private Multiaddr(List<Part> parts) {
    if (parts.isEmpty() || parts.size() > MAX_PARTS) {
      throw new IllegalArgumentException(
          "an address has 1 to " + MAX_PARTS + " parts, not " + parts.size());
    }
    this.parts = List.copyOf(parts);
  }

  /** One part of an address; the value is its binary form. */
  @SuppressWarnings("ArrayRecordComponent") // private to this class, compared by toBytes
  private record Part(Protocol protocol, byte[] value) {}

  /** Text form; {@link IllegalArgumentException} (one clear line) if malformed or unknown. */
  public static Multiaddr parse(String text) {
    try {
      return parseParts(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a multiaddr: \""
              + AddressText.inLine(text)
              + "\": "
              + AddressText.inLine(String.valueOf(e.getMessage()))
              + " (like /ip4/192.0.2.1/tcp/7437)",
          e);
    }
  }

  private static Multiaddr parseParts(String text) {
    if (!text.startsWith("/") || text.length() > 2 * MAX_BYTES) {
      throw new IllegalArgumentException("it does not start with a slash");
    }
    String trimmed = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    String[] words = trimmed.substring(Math.min(1, trimmed.length())).split("/", -1);
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < words.length) {
      String name = words[at++];
      Protocol protocol =
          Protocol.ofText(name)
              .orElseThrow(() -> new IllegalArgumentException("unknown protocol \"" + name + "\""));
      if (protocol.valueBytes() == 0) {
        parts.add(new Part(protocol, new byte[0]));
        continue;
      }
      if (at == words.length) {
        throw new IllegalArgumentException("no value after /" + name);
      }
      int end = protocol == Protocol.UNIX ? words.length : at + 1;
      String value = String.join("/", Arrays.copyOfRange(words, at, end));
      parts.add(new Part(protocol, AddressText.parse(protocol, value)));
      at = end;
    }
    Multiaddr address = new Multiaddr(parts);
    checkLength(address.toBytes().length);
    return address;
  }

  private static void checkLength(int bytes) {
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException("address of " + bytes + " bytes");
    }
  }

  /** Binary form; {@link IllegalArgumentException} if malformed or a protocol is unknown. */
  public static Multiaddr fromBytes(byte[] bytes) {
    checkLength(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Part> parts = new ArrayList<>();
    try {
      while (in.hasRemaining() && parts.size() <= MAX_PARTS) {
        Part part = part(in);
        parts.add(part);
        if (part.protocol() == Protocol.UNIX && in.hasRemaining()) {
          // as text that would all be path
          throw new IllegalArgumentException("an address goes on behind a path");
        }
      }
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("address is cut", e);
    }
    return new Multiaddr(parts);
  }

  private static Part part(ByteBuffer in) {
    long code = Varint.get(in);
    Protocol protocol =
        Protocol.ofCode(code)
            .orElseThrow(() -> new IllegalArgumentException("unknown address protocol " + code));
    long length =
        protocol.valueBytes() == Protocol.VARIABLE ? Varint.get(in) : protocol.valueBytes();
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] value = new byte[(int) length];
    in.get(value);
    AddressText.check(protocol, value);
    return new Part(protocol, value);
  }

  /**
   * Binary form, empty where a protocol is unknown or the bytes are malformed: other peers list
   * addresses that we cannot use.
   */
  public static Optional<Multiaddr> tryFromBytes(byte[] bytes) {
    try {
      return Optional.of(fromBytes(bytes));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** {@code /ip4/../tcp/..} or {@code /ip6/../tcp/..} of a resolved socket address. */
  public static Multiaddr ofTcp(InetSocketAddress address) {
    return new Multiaddr(List.of(ip(address), port(Protocol.TCP, address)));
  }

  /**
   * {@code /ip4/../udp/../quic-v1} or {@code /ip6/../udp/../quic-v1} of a resolved socket address.
   */
  public static Multiaddr ofQuic(InetSocketAddress address) {
    return new Multiaddr(
        List.of(ip(address), port(Protocol.UDP, address), new Part(Protocol.QUIC_V1, new byte[0])));
  }

  private static Part ip(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    return new Part(ip.length == 4 ? Protocol.IP4 : Protocol.IP6, ip);
  }

  private static Part port(Protocol protocol, InetSocketAddress address) {
    return new Part(protocol, ByteBuffer.allocate(2).putShort((short) address.getPort()).array());
  }

  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Part part : parts) {
      out.writeBytes(Varint.encode(part.protocol.code()));
      if (part.protocol.valueBytes() == Protocol.VARIABLE) {
        out.writeBytes(Varint.encode(part.value.length));
      }
      out.writeBytes(part.value);
    }
    return out.toByteArray();
  }

  /** Its first part alone, such as {@code /ip4/192.0.2.1}: the machine it leads to. */
  public Multiaddr firstPart() {
    return new Multiaddr(parts.subList(0, 1));
  }

  /**
   * The name that it begins with, if it is {@code /dns}, {@code /dns4}, {@code /dns6} or {@code
   * /dnsaddr}.
   */
  public Optional<String> dnsName() {
    Part first = parts.getFirst();
    return switch (first.protocol) {
      case DNS, DNS4, DNS6, DNSADDR -> Optional.of(AddressText.format(first.protocol, first.value));
      default -> Optional.empty();
    };
  }

  /** The IP address that it begins with, if it does. */
  public Optional<InetAddress> ip() {
    Part first = parts.getFirst();
    return switch (first.protocol) {
      case IP4, IP6 -> Optional.of(inetAddress(first));
      default -> Optional.empty();
    };
  }

  private static InetAddress inetAddress(Part ip) {
    try {
      return InetAddress.getByAddress(ip.value);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address has 4 or 16 bytes", e);
    }
  }

  /** This address with an IP in the place of its first part, which is a name or another IP. */
  public Multiaddr withIp(InetAddress ip) {
    List<Part> changed = new ArrayList<>(parts);
    byte[] bytes = ip.getAddress();
    changed.set(0, new Part(bytes.length == 4 ? Protocol.IP4 : Protocol.IP6, bytes));
    return new Multiaddr(changed);
  }

  /** The protocols, in order. */
  public List<Protocol> protocols() {
    return parts.stream().map(Part::protocol).toList();
  }

  /**
   * The address to connect to or listen on, if this is {@code /ip4|ip6/../tcp/..[/p2p/..]} and
   * nothing else. Never resolves names.
   */
  public Optional<InetSocketAddress> tcpAddress() {
    return socketAddress(Protocol.TCP);
  }

  /**
   * As {@link #tcpAddress}, if this is {@code /ip4|ip6/../udp/../quic-v1[/p2p/..]} and nothing
   * else.
   */
  public Optional<InetSocketAddress> quicAddress() {
    return socketAddress(Protocol.UDP, Protocol.QUIC_V1);
  }

  /**
   * The host and port, if after the IP address these protocols follow, the first of them with the
   * port.
   */
  private Optional<InetSocketAddress> socketAddress(Protocol... expected) {
    List<Part> network = withoutP2pParts();
    if (network.isEmpty()) {
      return Optional.empty();
    }
    Protocol ip = network.getFirst().protocol;
    List<Protocol> rest = network.stream().skip(1).map(Part::protocol).toList();
    if ((ip != Protocol.IP4 && ip != Protocol.IP6) || !rest.equals(List.of(expected))) {
      return Optional.empty();
    }
    int port = ByteBuffer.wrap(network.get(1).value).getShort() & 0xffff;
    return Optional.of(new InetSocketAddress(inetAddress(network.getFirst()), port));
  }

  private List<Part> withoutP2pParts() {
    return parts.getLast().protocol == Protocol.P2P ? parts.subList(0, parts.size() - 1) : parts;
  }

  /** The multihash of the {@code /p2p} part at its end. */
  public Optional<Multihash> p2p() {
    Part last = parts.getLast();
    return last.protocol == Protocol.P2P
        ? Optional.of(Multihash.fromBytes(last.value))
        : Optional.empty();
  }

  /** This address with {@code /p2p/<hash>} at its end (replaced if there is one). */
  public Multiaddr withP2p(Multihash peer) {
    List<Part> changed = new ArrayList<>(withoutP2pParts());
    changed.add(new Part(Protocol.P2P, peer.toBytes()));
    return new Multiaddr(changed);
  }

  /** This address without the {@code /p2p} part at its end; itself if there is nothing else. */
  public Multiaddr withoutP2p() {
    List<Part> rest = withoutP2pParts();
    return rest.isEmpty() || rest.size() == parts.size() ? this : new Multiaddr(rest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multiaddr address && Arrays.equals(address.toBytes(), toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append('/').append(part.protocol.text());
      if (part.protocol.valueBytes() != 0) {
        text.append('/').append(AddressText.format(part.protocol, part.value));
      }
    }
    return text.toString();
  }
}
