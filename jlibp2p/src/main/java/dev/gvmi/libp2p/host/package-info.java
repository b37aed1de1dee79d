/**
 * Puts a host together: the only place that constructs transports, security and muxers. Start at
 * {@link dev.gvmi.libp2p.host.Libp2pHost}.
 */
@NullMarked
package dev.gvmi.libp2p.host;

import org.jspecify.annotations.NullMarked;
