/**
 * Messages of multicast DNS and their bytes. Pure. Our own strict codec, as Netty's takes names
 * that point forward and bounds no count before it reads. Start at {@link
 * dev.gvmi.libp2p.mdns.dns.DnsMessage}.
 */
@NullMarked
package dev.gvmi.libp2p.mdns.dns;

import org.jspecify.annotations.NullMarked;
