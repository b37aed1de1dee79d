/**
 * What one Kademlia node knows and decides: the routing table, lookups, provider records. Pure:
 * events and the time come in, answers and actions go out, so that a simulator drives the same
 * classes. Start at {@link dev.gvmi.libp2p.kad.routing.KadNode}, then {@link
 * dev.gvmi.libp2p.kad.routing.KadLookup}.
 */
@NullMarked
package dev.gvmi.libp2p.kad.routing;

import org.jspecify.annotations.NullMarked;
