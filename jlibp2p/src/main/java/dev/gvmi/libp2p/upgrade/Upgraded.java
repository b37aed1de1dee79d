package dev.gvmi.libp2p.upgrade;

import dev.gvmi.libp2p.io.Traffic;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.peer.PeerId;

/** An authenticated connection that carries streams. */
public record Upgraded(
    PeerId peer, MuxedConnection connection, String security, String muxer, Traffic traffic) {}
