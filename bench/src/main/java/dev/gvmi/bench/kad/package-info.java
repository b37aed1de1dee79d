/**
 * A DHT of thousands of nodes in virtual time: the routing tables, lookups and records of jlibp2p,
 * without its network. Start at {@link dev.gvmi.bench.kad.KadSimulation}.
 */
@NullMarked
package dev.gvmi.bench.kad;

import org.jspecify.annotations.NullMarked;
