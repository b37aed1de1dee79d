package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.mdns.link.MdnsConfig;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A process that takes part in multicast DNS, until its input ends: SERVICE PEER_ID ADDRESS... It
 * prints whom it finds.
 */
final class MdnsPeer {
  private MdnsPeer() {}

  public static void main(String[] args) throws IOException {
    List<Multiaddr> addresses = Arrays.stream(args).skip(2).map(Multiaddr::parse).toList();
    Mdns mdns =
        Mdns.start(
            PeerId.parse(args[1]),
            () -> addresses,
            MdnsConfig.DEFAULT.withService(args[0]),
            MdnsPeer::print,
            InstantSource.system(),
            RandomGenerator.getDefault());
    try (mdns) {
      System.out.println("ready " + args[1]);
      while (System.in.read() >= 0) {
        System.out.println(mdns.status());
      }
    }
  }

  private static void print(PeerId peer, List<Multiaddr> addresses) {
    String texts = addresses.stream().map(Multiaddr::toString).collect(Collectors.joining(" "));
    System.out.println("found " + peer + " " + texts);
  }
}
