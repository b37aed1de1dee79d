package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;

/**
 * Says with whom a host has connections, at each point at which more is known. What is not
 * overridden allows all.
 *
 * <p><b>Thread:</b> any, event loops among them: nothing here may block.
 */
public interface ConnectionGater {
  ConnectionGater ALLOWS_ALL = new ConnectionGater() {};

  /** Before any address of the peer is dialled. */
  default boolean allowsDial(PeerId peer) {
    return true;
  }

  /**
   * Before an address is dialled, names in it resolved; it ends in {@code /p2p} if it is known who
   * must be there.
   */
  default boolean allowsDial(Multiaddr address) {
    return true;
  }

  /** When a connection comes in, before a byte of it is read. */
  default boolean allowsAccept(Multiaddr remote) {
    return true;
  }

  /** When the peer has proven who it is, before it gets a stream. */
  default boolean allowsSecured(boolean inbound, PeerId peer, Multiaddr remote) {
    return true;
  }
}
