package dev.gvmi.libp2p.mdns;

import com.google.errorprone.annotations.MustBeClosed;
import dev.gvmi.libp2p.mdns.link.LinkNet;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A socket of the group on one interface, for one address family.
 *
 * <p>It is bound to the group's address, not to all: several of them, and other programs' such as
 * Avahi's, share the port, and none gets what is sent to another alone. What comes in has come by
 * this interface.
 *
 * <p><b>Thread:</b> its owner's.
 */
final class Link implements AutoCloseable {
  static final int PORT = 5353;
  private static final byte[] GROUP_4 = {(byte) 224, 0, 0, (byte) 251};
  private static final byte[] GROUP_6 = {
    (byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xfb
  };
  private static final int HOPS = 255;

  /**
   * Linux shares the port of a group by {@code SO_REUSEADDR} alone. With {@code SO_REUSEPORT} it
   * would take our sockets for one, and hand what comes by one interface to the socket of another.
   * Elsewhere it is {@code SO_REUSEPORT} that shares.
   */
  private static final boolean IS_LINUX = System.getProperty("os.name", "").equals("Linux");

  private final Place place;
  private final DatagramChannel channel;
  private final InetSocketAddress group;

  /**
   * Where a link may be; another one when an address comes or goes.
   *
   * @param index of the interface
   */
  record Place(int index, String name, ProtocolFamily family, LinkNet net) {}

  private Link(Place place, DatagramChannel channel, InetSocketAddress group) {
    this.place = place;
    this.channel = channel;
    this.group = group;
  }

  /**
   * All places that there are now, by interfaces that are up, can multicast, and are no loopback.
   */
  static List<Place> places(int limit) throws SocketException {
    return NetworkInterface.networkInterfaces()
        .filter(Link::isUsable)
        .flatMap(device ->
            Stream.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)
                .flatMap(family -> place(device, family).stream()))
        .limit(limit)
        .toList();
  }

  private static boolean isUsable(NetworkInterface device) {
    try {
      return device.isUp() && device.supportsMulticast() && !device.isLoopback();
    } catch (SocketException e) {
      return false; // it has gone
    }
  }

  private static Optional<Place> place(NetworkInterface device, ProtocolFamily family) {
    boolean has = device.inetAddresses().anyMatch(address -> family.equals(family(address)));
    List<LinkNet.Subnet> subnets =
        device.getInterfaceAddresses().stream()
            .map(
                own -> new LinkNet.Subnet(unscoped(own.getAddress()), own.getNetworkPrefixLength()))
            .toList();
    return has
        ? Optional.of(new Place(device.getIndex(), device.getName(), family, new LinkNet(subnets)))
        : Optional.empty();
  }

  private static ProtocolFamily family(InetAddress address) {
    return address instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  /**
   * Without the interface that a link-local address carries along, which makes equal addresses
   * differ.
   */
  private static InetAddress unscoped(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address has 4 or 16 bytes", e);
    }
  }

  @MustBeClosed
  @SuppressWarnings("MustBeClosed") // closed by the link, or here when it fails
  static Link open(Place place) throws IOException {
    NetworkInterface device = NetworkInterface.getByIndex(place.index());
    if (device == null) {
      throw new SocketException("the interface has gone");
    }
    DatagramChannel channel = DatagramChannel.open(place.family());
    try {
      InetSocketAddress group = new InetSocketAddress(group(place), PORT);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      if (!IS_LINUX) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, device);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, HOPS);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      channel.configureBlocking(false);
      channel.bind(group);
      channel.join(group.getAddress(), device);
      return new Link(place, channel, group);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static InetAddress group(Place place) throws UnknownHostException {
    return place.family() == StandardProtocolFamily.INET
        ? InetAddress.getByAddress(GROUP_4)
        : Inet6Address.getByAddress(null, GROUP_6, place.index());
  }

  SelectionKey register(Selector selector) throws IOException {
    return channel.register(selector, SelectionKey.OP_READ);
  }

  void send(byte[] message) throws IOException {
    channel.send(ByteBuffer.wrap(message), group);
  }

  /** The next message, cut if the buffer is too small; empty if there is none. */
  Optional<Datagram> receive(ByteBuffer buffer) throws IOException {
    buffer.clear();
    SocketAddress from = channel.receive(buffer);
    if (!(from instanceof InetSocketAddress sender)) {
      return Optional.empty();
    }
    byte[] bytes = new byte[buffer.flip().remaining()];
    buffer.get(bytes);
    boolean fromHere = sender.getPort() == PORT && place.net().isOnLink(sender.getAddress());
    return Optional.of(new Datagram(bytes, fromHere));
  }

  /**
   * What came.
   *
   * @param fromHere whether a machine of this network sent it, from the port that all use
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, and seen by nobody else
  record Datagram(byte[] bytes, boolean fromHere) {}

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
