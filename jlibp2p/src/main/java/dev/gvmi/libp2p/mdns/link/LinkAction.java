package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;

/** What a {@link LinkSession} wants done. */
public sealed interface LinkAction {
  /** To the group. */
  record Send(DnsMessage message) implements LinkAction {}

  /**
   * A peer says that it is there; nobody vouches for it.
   *
   * @param addresses without {@code /p2p}, at least one
   */
  record Found(PeerId peer, List<Multiaddr> addresses) implements LinkAction {}
}
