/**
 * The domain name system by Netty's resolver. Start at {@link
 * dev.gvmi.libp2p.network.dns.DnsResolver}.
 */
@NullMarked
package dev.gvmi.libp2p.network.dns;

import org.jspecify.annotations.NullMarked;
