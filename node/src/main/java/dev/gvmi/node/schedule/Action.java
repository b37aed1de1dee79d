package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.PeerId;

/** What a fetch should do next. */
public sealed interface Action {
  /** Ask a peer for {@code count} chunks from {@code first} on. */
  record Request(PeerId peer, int first, int count) implements Action {}

  /** Tell a peer that this chunk is no longer needed. */
  record Cancel(PeerId peer, int chunk) implements Action {}

  /**
   * Give a peer up: it stands still, and others deliver. {@link Event.Left} follows when it is
   * gone.
   */
  record Drop(PeerId peer) implements Action {}
}
