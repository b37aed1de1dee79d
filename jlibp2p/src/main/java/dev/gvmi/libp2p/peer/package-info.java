/**
 * Who a peer is: keys, peer ids, signed envelopes and peer records. Start at {@link
 * dev.gvmi.libp2p.peer.PeerId}.
 */
@NullMarked
package dev.gvmi.libp2p.peer;

import org.jspecify.annotations.NullMarked;
