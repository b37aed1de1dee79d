package dev.gvmi.libp2p;

/** How much a host takes on. All are counts of things that exist at one time. */
public record HostLimits(
    int connections,
    int connectionsPerIp,
    int connectionsPerPeer,
    int pendingInbound,
    int streamsPerConnection,
    int streamsPerPeerAndProtocol) {
  public static final HostLimits DEFAULT = new HostLimits(256, 32, 8, 32, 512, 64);

  public HostLimits {
    if (connections < 1 || connectionsPerIp < 1 || connectionsPerPeer < 1 || pendingInbound < 1 || streamsPerConnection < 1 || streamsPerPeerAndProtocol < 1) {
      throw new IllegalArgumentException("limits must be at least 1: connections=" + connections);
    }
  }
}
