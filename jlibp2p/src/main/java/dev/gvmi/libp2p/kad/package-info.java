/**
 * Kademlia over a host: finds who provides a key, announces what this node provides, answers
 * others. What it decides lies in {@code routing}; here are messages, streams and threads. Start at
 * {@link dev.gvmi.libp2p.kad.Kademlia}.
 */
@NullMarked
package dev.gvmi.libp2p.kad;

import org.jspecify.annotations.NullMarked;
