package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;

/**
 * A process that, of a service and by an interface, sends queries and nonsense to the group as fast
 * as it can, until it is killed.
 */
final class MdnsFlood {
  private MdnsFlood() {}

  public static void main(String[] args) throws IOException {
    InetSocketAddress group =
        new InetSocketAddress(InetAddress.getByName("224.0.0.251"), Link.PORT);
    DnsQuestion question = new DnsQuestion(DnsName.of(args[0]), DnsRecord.PTR, false);
    byte[] query = DnsMessage.query(question, List.of()).encode();
    byte[] nonsense = new byte[1400];
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName(args[1]));
      channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
      channel.bind(group);
      while (true) {
        channel.send(ByteBuffer.wrap(query), group);
        channel.send(ByteBuffer.wrap(nonsense), group);
      }
    }
  }
}
