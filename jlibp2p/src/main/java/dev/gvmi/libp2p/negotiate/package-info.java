/**
 * multistream-select 1.0: how two sides agree on a protocol, on a fresh connection (Netty handler)
 * and on a stream (blocking). Start at {@link dev.gvmi.libp2p.negotiate.MultistreamCodec}.
 */
@NullMarked
package dev.gvmi.libp2p.negotiate;

import org.jspecify.annotations.NullMarked;
