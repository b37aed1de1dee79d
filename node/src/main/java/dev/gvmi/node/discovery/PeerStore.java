package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.peer.PeerId;
import java.util.Collection;

/**
 * Keeps peers over a restart. <b>Thread:</b> any. A call does not wait for the disk; what the last
 * seconds before a crash wrote may be lost.
 */
public interface PeerStore {
  Collection<RememberedPeer> peers();

  /** Adds the peer; replaces the one with this id. */
  void put(RememberedPeer peer);

  void remove(PeerId peer);
}
