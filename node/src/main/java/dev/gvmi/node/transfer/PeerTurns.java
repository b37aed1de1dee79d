package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.peer.PeerId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/**
 * One chunk at a time goes to a peer, however many streams it has: so peers are served alike, and
 * one that takes nothing holds up itself only. Streams of one peer take turns. A peer is here only
 * while it is served.
 *
 * <p><b>Thread:</b> any.
 */
final class PeerTurns {
  private final ConcurrentMap<PeerId, Line> lines = new ConcurrentHashMap<>();

  /** Who waits or is served, of one peer. */
  private record Line(Semaphore turn, int length) {
    Line(Semaphore turn) {
      this(turn, 0);
    }

    Line with(int more) {
      return new Line(turn, length + more);
    }
  }

  /** Waits for its turn, which lasts until {@link #end}. */
  void begin(PeerId peer) throws InterruptedException {
    Line line =
        lines.compute(
            peer,
            (id, before) -> (before == null ? new Line(new Semaphore(1, true)) : before).with(1));
    try {
      line.turn().acquire();
    } catch (InterruptedException e) {
      leave(peer);
      throw e;
    }
  }

  void end(PeerId peer) {
    Line line = lines.get(peer);
    if (line != null) {
      line.turn().release();
      leave(peer);
    }
  }

  private void leave(PeerId peer) {
    lines.computeIfPresent(peer, (id, line) -> line.length() > 1 ? line.with(-1) : null);
  }

  int peers() {
    return lines.size();
  }
}
