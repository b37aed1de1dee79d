package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A libp2p peer of this process: listens, dials, opens streams and serves protocols.
 *
 * <p><b>Thread:</b> any. Calls that wait for a peer block the caller, which should be a virtual thread.
 */
public interface Host extends AutoCloseable {
  PeerId id();

  /** Binds all listen addresses, or throws and binds none. Call once. */
  void start() throws IOException;

  /** Where it listens, with the real ports, unspecified addresses expanded to those of the interfaces, without {@code /p2p}. */
  List<Multiaddr> listenAddresses();

  /** Serves a protocol from now on; connected peers are told by identify push. */
  void handle(ProtocolId protocol, StreamHandler handler);

  /** Serves it no more; connected peers are told by identify push. Streams that are open stay with their handler. */
  void unhandle(ProtocolId protocol);

  /** Connects, unless connected already; returns the authenticated peer. An address that ends in {@code /p2p} accepts this peer only. */
  PeerId dial(Multiaddr address, Duration timeout) throws IOException;

  /** Connects to the peer at one of these addresses. */
  default void connect(PeerId peer, List<Multiaddr> addresses, Duration timeout)
      throws IOException {
    IOException failure = new IOException("no address of " + peer.toShortString());
    if (peer(peer).isPresent()) {
      return;
    }
    for (Multiaddr address : addresses) {
      try {
        dial(address.withP2p(peer.multihash()), timeout);
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  /** Opens a stream to a connected peer, negotiated to the first of the protocols the peer speaks. */
  Stream newStream(PeerId peer, Duration timeout, ProtocolId... protocols) throws IOException;

  List<PeerInfo> peers();

  Optional<PeerInfo> peer(PeerId peer);

  /** The oldest connection to the peer; empty if there is none, or the host cannot tell. */
  default Optional<ConnectionInfo> connection(PeerId peer) {
    return Optional.empty();
  }

  void addConnectionListener(ConnectionListener listener);

  /** Closes all connections to the peer. */
  void disconnect(PeerId peer);

  /** Closes all connections to the peer, unless a stream is open on one of them. Returns whether there is none any more. */
  boolean disconnectIfIdle(PeerId peer);

  /** Stops listening and closes all connections; waits until sockets and threads are gone. */
  @Override
  void close();
}
