package dev.gvmi.libp2p;

/**
 * How much of its {@link HostLimits} a host uses at one moment, and what it has turned away since
 * its start.
 *
 * @param mostOfIp connections in the fullest group of IP addresses; likewise the other {@code most}
 * @param pendingOutbound addresses that are being dialled
 * @param refusedConnections inbound ones closed because of a limit or by the gater
 * @param evictedHandshakes inbound ones closed in their handshake to make place for newer ones
 * @param refusedStreams inbound ones reset because of a limit
 */
public record HostUsage(
    int connections,
    int inboundConnections,
    int outboundConnections,
    int mostOfIp,
    int mostOfPeer,
    int pendingInbound,
    int pendingOutbound,
    int streams,
    int mostStreamsOfConnection,
    int mostStreamsOfPeerAndProtocol,
    long refusedConnections,
    long evictedHandshakes,
    long refusedStreams) {}
