/**
 * Who the other side is and what it speaks: /ipfs/id/1.0.0 and its push. Start at {@link
 * dev.gvmi.libp2p.identify.IdentifyMessages}.
 */
@NullMarked
package dev.gvmi.libp2p.identify;

import org.jspecify.annotations.NullMarked;
