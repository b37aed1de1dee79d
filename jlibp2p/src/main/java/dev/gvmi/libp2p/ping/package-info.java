/** Is the other side alive: /ipfs/ping/1.0.0. Start at {@link dev.gvmi.libp2p.ping.Ping}. */
@NullMarked
package dev.gvmi.libp2p.ping;

import org.jspecify.annotations.NullMarked;
