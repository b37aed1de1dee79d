package dev.gvmi.libp2p;

/** Is told of peers as they come and go. Called on a virtual thread, in order per peer. */
public interface ConnectionListener {
  /** The first connection to this peer is up, and identify has answered or failed. */
  void connected(PeerInfo peer);

  /** A connected peer has told something new of itself, such as the protocols that it speaks. */
  default void identified(PeerInfo peer) {}

  /** The last connection to this peer is gone. */
  void disconnected(PeerInfo peer);
}
