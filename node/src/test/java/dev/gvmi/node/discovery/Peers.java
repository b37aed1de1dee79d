package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.ByteBuffer;

/** Ids of peers that there are not. */
final class Peers {
  private Peers() {}

  static PeerId of(int number) {
    byte[] digest = ByteBuffer.allocate(32).putInt(number).array();
    return PeerId.fromBytes(Multihash.of(Multihash.SHA2_256, digest).toBytes());
  }
}
