/** The facade: a libp2p host, its streams and protocols. Start at {@link dev.gvmi.libp2p.Host}. */
@NullMarked
package dev.gvmi.libp2p;

import org.jspecify.annotations.NullMarked;
