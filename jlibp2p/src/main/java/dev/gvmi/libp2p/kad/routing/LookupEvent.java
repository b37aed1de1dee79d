package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;

/** What happened to a lookup. */
public sealed interface LookupEvent {
  /** A peer that was asked has answered, over a connection that leads to {@code via}. */
  record Answered(PeerId peer, Multiaddr via, KadAnswer answer) implements LookupEvent {}

  /** A peer that was asked could not be reached, or did not answer. */
  record Failed(PeerId peer) implements LookupEvent {}

  /** Time has passed. */
  record Tick() implements LookupEvent {}
}
