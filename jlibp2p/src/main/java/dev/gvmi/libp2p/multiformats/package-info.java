/**
 * Self-describing values: varint, multibase, multihash, CID, multiaddr. Pure. Start at {@link
 * dev.gvmi.libp2p.multiformats.Multiaddr}.
 */
@NullMarked
package dev.gvmi.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
