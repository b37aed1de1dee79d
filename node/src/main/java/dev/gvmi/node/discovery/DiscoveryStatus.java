package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.kad.KadStatus;
import java.util.Optional;

/**
 * How finding others stands.
 *
 * @param dht empty if this node takes no part in it
 * @param heardOf images that connected peers announced
 * @param remembered peers that are dialled first after a restart
 */
public record DiscoveryStatus(Optional<KadStatus> dht, int heardOf, int remembered) {}
