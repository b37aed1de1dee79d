package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;

/** Is told of the peers of the local network. */
@FunctionalInterface
public interface MdnsListener {
  /**
   * A peer says that it is there, which nobody vouches for. Must not block. It is told again from
   * time to time while the peer is heard, and for each network that it is heard on.
   *
   * @param addresses without {@code /p2p}, at least one, those that this machine may reach it at
   */
  void found(PeerId peer, List<Multiaddr> addresses);
}
