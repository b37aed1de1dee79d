package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connected peer and what identify told of it ({@code agent} is null and the lists are empty
 * until it has).
 */
public record PeerInfo(
    PeerId id,
    Multiaddr remoteAddress,
    boolean inbound,
    @Nullable String agent,
    List<Multiaddr> listenAddresses,
    Set<ProtocolId> protocols) {
  public PeerInfo {
    listenAddresses = List.copyOf(listenAddresses);
    protocols = Set.copyOf(protocols);
  }
}
