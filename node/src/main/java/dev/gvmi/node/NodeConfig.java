package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is made from.
 *
 * @param listen empty: dials only
 * @param runtimeCache where verified images are placed, or null for nowhere
 * @param mdns whether a daemon looks for peers on the local network; one that listens at loopback alone does not
 */
public record NodeConfig(
    Path dataDir, List<Multiaddr> listen, @Nullable Path runtimeCache, String agent, boolean mdns) {
  public NodeConfig {
    listen = List.copyOf(listen);
  }

  public NodeConfig withMdns(boolean on) {
    return new NodeConfig(dataDir, listen, runtimeCache, agent, on);
  }
}
