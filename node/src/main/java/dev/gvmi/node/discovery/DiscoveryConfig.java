package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.List;

/**
 * How a node finds others.
 *
 * @param bootstrap where to ask first, each ending in {@code /p2p}; may be empty
 * @param lan whether to look on the LAN, too, and to be found there
 * @param provideInterval how often each image is announced in the DHT
 */
public record DiscoveryConfig(
    List<Multiaddr> bootstrap, DhtRole dht, boolean lan, Duration provideInterval) {
  /** Finds nobody by itself. */
  public static final DiscoveryConfig OFF = new DiscoveryConfig(List.of(), DhtRole.OFF, false);

  public DiscoveryConfig {
    bootstrap = List.copyOf(bootstrap);
  }

  public DiscoveryConfig(List<Multiaddr> bootstrap, DhtRole dht, boolean lan) {
    this(bootstrap, dht, lan, Duration.ofHours(1));
  }
}
