package dev.gvmi.libp2p;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.HostKey;
import java.util.List;

/** What a host is made from. */
public record HostConfig(HostKey key, List<Multiaddr> listen, String agent, HostLimits limits) {
  public HostConfig {
    listen = List.copyOf(listen);
    if (agent.length() > 128) {
      throw new IllegalArgumentException("agent longer than 128 characters");
    }
  }
}
