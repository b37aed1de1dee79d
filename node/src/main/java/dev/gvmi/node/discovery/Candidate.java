package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;

/**
 * A peer that may hold an image: a hint, nobody vouches for it.
 *
 * @param addresses where it may listen, without {@code /p2p}; empty if it is connected
 */
public record Candidate(PeerId peer, List<Multiaddr> addresses, FoundBy by) {
  public Candidate {
    addresses = List.copyOf(addresses);
  }
}
