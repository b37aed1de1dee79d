package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.schedule.ChunkScheduler;
import dev.gvmi.node.schedule.Event;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Has no more asked of each peer than its own rate allows; over all fetches, which have these rates
 * in common.
 *
 * <p><b>Thread:</b> the fetching one.
 */
final class PeerPace {
  private final PeerRates rates;
  private final ChunkScheduler scheduler;
  private boolean limited;

  PeerPace(PeerRates rates, ChunkScheduler scheduler) {
    this.rates = rates;
    this.scheduler = scheduler;
  }

  /** What the scheduler is to be told now. */
  List<Event> events(Collection<PeerId> peers) {
    boolean before = limited;
    limited = !rates.each().isNone();
    if (!before && !limited) {
      return List.of();
    }
    List<Event> events = new ArrayList<>();
    for (PeerId peer : peers) {
      if (!peer.equals(OriginSource.ID)) {
        int allowed = limited ? allowed(peer) : Integer.MAX_VALUE;
        if (allowed != scheduler.allowance(peer)) {
          events.add(new Event.PeerAllowance(peer, allowed));
        }
      }
    }
    return events;
  }

  private int allowed(PeerId peer) {
    return Pace.allowed(
        scheduler.allowance(peer), () -> rates.tryPassEach(peer, Geometry.CHUNK_BYTES));
  }
}
