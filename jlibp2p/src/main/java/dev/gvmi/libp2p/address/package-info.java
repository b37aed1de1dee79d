/**
 * What addresses tell, without a socket: how far they reach, who has them, in which order they are
 * dialled, and which are our own as others see us. Pure; may import {@code multiformats} only.
 * Start at {@link dev.gvmi.libp2p.address.DialPlan}.
 */
@NullMarked
package dev.gvmi.libp2p.address;

import org.jspecify.annotations.NullMarked;
