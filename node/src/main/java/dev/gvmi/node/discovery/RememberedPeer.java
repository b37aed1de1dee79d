package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.List;

/**
 * A peer that was good to have.
 *
 * @param addresses where it was reached, or listens; without {@code /p2p}
 * @param lastSeen when it was connected last
 */
public record RememberedPeer(PeerId peer, List<Multiaddr> addresses, Instant lastSeen) {
  /** More addresses of a peer are not kept. */
  public static final int MAX_ADDRESSES = 8;

  public RememberedPeer {
    addresses = addresses.stream().limit(MAX_ADDRESSES).toList();
  }
}
