package dev.gvmi.libp2p;

/**
 * How much a host takes on. All are counts of things that exist at one time; {@link HostUsage}
 * tells how much of them is used.
 *
 * <p>Fewer inbound connections than in all leave room for those that the host makes itself, however
 * many peers come.
 *
 * @param connections in all, those in their handshake included
 * @param connectionsPerIp from and to one IPv4 address or public IPv6 /56; at it, no more come in
 * @param pendingInbound accepted and not authenticated yet
 * @param pendingOutbound addresses that are dialled; more wait
 * @param streams of all connections
 */
public record HostLimits(
    int connections,
    int inboundConnections,
    int outboundConnections,
    int connectionsPerIp,
    int connectionsPerPeer,
    int pendingInbound,
    int pendingOutbound,
    int streams,
    int streamsPerConnection,
    int streamsPerPeerAndProtocol) {
  private static final int DEFAULT_PENDING_OUTBOUND = 32;
  private static final int DEFAULT_STREAMS = 4096;

  public static final HostLimits DEFAULT =
      new HostLimits(256, 32, 8, 32, 512, 64).withDirections(192, 192);

  public HostLimits {
    int least =
        Math.min(
            Math.min(
                Math.min(connections, Math.min(inboundConnections, outboundConnections)),
                Math.min(connectionsPerIp, connectionsPerPeer)),
            Math.min(
                Math.min(pendingInbound, pendingOutbound),
                Math.min(streams, Math.min(streamsPerConnection, streamsPerPeerAndProtocol))));
    if (least < 1) {
      throw new IllegalArgumentException("limits must be at least 1, one is " + least);
    }
  }

  /** With no other limit on either direction than that on both, and on streams. */
  public HostLimits(
      int connections,
      int connectionsPerIp,
      int connectionsPerPeer,
      int pendingInbound,
      int streamsPerConnection,
      int streamsPerPeerAndProtocol) {
    this(
        connections,
        connections,
        connections,
        connectionsPerIp,
        connectionsPerPeer,
        pendingInbound,
        DEFAULT_PENDING_OUTBOUND,
        DEFAULT_STREAMS,
        streamsPerConnection,
        streamsPerPeerAndProtocol);
  }

  public HostLimits withDirections(int inbound, int outbound) {
    return new HostLimits(
        connections,
        inbound,
        outbound,
        connectionsPerIp,
        connectionsPerPeer,
        pendingInbound,
        pendingOutbound,
        streams,
        streamsPerConnection,
        streamsPerPeerAndProtocol);
  }

  public HostLimits withPendingOutbound(int dials) {
    return new HostLimits(
        connections,
        inboundConnections,
        outboundConnections,
        connectionsPerIp,
        connectionsPerPeer,
        pendingInbound,
        dials,
        streams,
        streamsPerConnection,
        streamsPerPeerAndProtocol);
  }

  public HostLimits withStreams(int inAll) {
    return new HostLimits(
        connections,
        inboundConnections,
        outboundConnections,
        connectionsPerIp,
        connectionsPerPeer,
        pendingInbound,
        pendingOutbound,
        inAll,
        streamsPerConnection,
        streamsPerPeerAndProtocol);
  }
}
