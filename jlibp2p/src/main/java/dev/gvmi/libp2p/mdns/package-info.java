/**
 * Finds the peers of the local network, by the multicast DNS of libp2p. What it says and believes
 * lies in {@code link} and {@code dns}; here are sockets and the thread. It knows of the host only
 * its name and addresses. Start at {@link dev.gvmi.libp2p.mdns.Mdns}.
 */
@NullMarked
package dev.gvmi.libp2p.mdns;

import org.jspecify.annotations.NullMarked;
