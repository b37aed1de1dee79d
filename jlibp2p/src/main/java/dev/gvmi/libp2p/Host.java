package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A libp2p peer of this process: listens, dials, opens streams and serves protocols.
 *
 * <p><b>Thread:</b> any. Calls that wait for a peer block the caller, which should be a virtual
 * thread.
 */
public interface Host extends AutoCloseable {
  PeerId id();

  /** Binds all listen addresses, or throws and binds none. Call once. */
  void start() throws IOException;

  /**
   * Where it listens, with the real ports, unspecified addresses expanded to those of the
   * interfaces, without {@code /p2p}.
   */
  List<Multiaddr> listenAddresses();

  /**
   * Where others reach it: {@link #listenAddresses}, and what enough peers say they see it at. This
   * is what peers and the DHT are told.
   */
  List<Multiaddr> addresses();

  /** Serves a protocol from now on; connected peers are told by identify push. */
  void handle(ProtocolId protocol, StreamHandler handler);

  /**
   * Serves it no more; connected peers are told by identify push. Streams that are open stay with
   * their handler.
   */
  void unhandle(ProtocolId protocol);

  /**
   * Connects because a user said so, unless connected already; returns the authenticated peer. An
   * address that ends in {@code /p2p} accepts this peer only. Names in it are resolved.
   */
  PeerId dial(Multiaddr address, Duration timeout) throws IOException;

  /**
   * Connects to a peer at whichever of its addresses answers first, unless connected already.
   * Callers at one time share one attempt; addresses that failed a short time ago are left out.
   *
   * <p><b>Errors:</b> {@link IOException} with one line that says what became of the addresses.
   */
  void connect(PeerId peer, List<Multiaddr> addresses, Duration timeout) throws IOException;

  /**
   * Opens a stream to a connected peer, negotiated to the first of the protocols the peer speaks.
   */
  Stream newStream(PeerId peer, Duration timeout, ProtocolId... protocols) throws IOException;

  List<PeerInfo> peers();

  Optional<PeerInfo> peer(PeerId peer);

  /**
   * The latest record of its addresses that a connected peer has signed, as it is on the wire;
   * empty if it has sent none.
   */
  Optional<ByteBuffer> signedRecord(PeerId peer);

  /**
   * The connection that new streams to the peer go over: the oldest open one, which {@link #peer}
   * tells of too. Empty if there is none.
   */
  Optional<ConnectionInfo> connection(PeerId peer);

  /** How much of its limits is used. */
  HostUsage usage();

  void addConnectionListener(ConnectionListener listener);

  /**
   * Closes all connections to the peer. From now on nobody is given one of them, though their ends
   * may still come.
   */
  void disconnect(PeerId peer);

  /**
   * Closes all connections to the peer, unless a stream is open on one of them. Returns whether
   * there is none any more.
   */
  boolean disconnectIfIdle(PeerId peer);

  /** Stops listening and closes all connections; waits until sockets and threads are gone. */
  @Override
  void close();
}
