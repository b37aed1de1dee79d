package dev.gvmi.libp2p.security;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.peer.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * User event: the handshake is done. {@code muxer} is the muxer both sides agreed on inside it, or
 * null if multistream-select must follow.
 */
public record Secured(PeerId peer, PublicKey key, @Nullable String muxer) {}
