package dev.gvmi.bench.swarm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Sends pieces of chunks, one after the other, to all who asked in turn: so TCP shares a line. */
final class Uplink {
  private final Agenda agenda;
  private final double bytesPerSecond;
  private final Deque<Link> turns = new ArrayDeque<>();
  private final Set<Link> queued = new HashSet<>();
  private boolean busy;
  private boolean stopped;
  private long sentBytes;

  Uplink(Agenda agenda, double bytesPerSecond) {
    this.agenda = agenda;
    this.bytesPerSecond = bytesPerSecond;
  }

  long sentBytes() {
    return sentBytes;
  }

  /** Nothing is sent from now on. */
  void stop() {
    stopped = true;
  }

  /** There may be something to send on the link. */
  void offer(Link link) {
    if (link.isReady() && queued.add(link)) {
      turns.add(link);
      next();
    }
  }

  private void next() {
    while (!busy && !stopped && !turns.isEmpty()) {
      Link link = turns.remove();
      queued.remove(link);
      if (link.isReady()) {
        begin(link);
      }
    }
  }

  private void begin(Link link) {
    busy = true;
    Link.Piece piece = link.take();
    agenda.after(
        (long) (piece.bytes / bytesPerSecond * 1e9),
        () -> {
          busy = false;
          if (stopped) {
            return;
          }
          sentBytes += piece.bytes;
          link.send(piece);
          offer(link);
          next();
        });
  }
}
