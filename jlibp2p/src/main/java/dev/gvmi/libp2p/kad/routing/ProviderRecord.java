package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import java.time.Instant;

/**
 * A peer said that it provides a key.
 *
 * @param group of the address that it said so from: it is true, while those that it lists are
 *     claims
 */
public record ProviderRecord(KadKey key, KadPeer provider, IpGroup group, Instant expires) {}
