package dev.gvmi.libp2p;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;

/** A {@link ByteStream} to an authenticated peer on which both sides speak one protocol. */
public interface Stream extends ByteStream {
  PeerId remotePeer();

  /** Where the connection comes from or goes to, without {@code /p2p}. */
  Multiaddr remoteAddress();

  ProtocolId protocol();
}
