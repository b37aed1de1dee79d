/**
 * What a peer asks and answers by multicast DNS on one network: when, and what it believes. Pure:
 * events in, actions out. Start at {@link dev.gvmi.libp2p.mdns.link.LinkSession}.
 */
@NullMarked
package dev.gvmi.libp2p.mdns.link;

import org.jspecify.annotations.NullMarked;
