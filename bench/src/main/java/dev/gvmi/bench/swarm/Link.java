package dev.gvmi.bench.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * One node as a source of another: requests go one way, chunks come the other. As a chunk stream:
 * answers come in the order of requests, and a request can be cancelled when only one chunk of it
 * is missing. What travels takes the time of the line's length.
 */
final class Link {
  /** Of data, as in a stream's frames. */
  static final int PIECE_BYTES = 64 << 10;

  /** Sent and not arrived. */
  private static final int WINDOW_PIECES = 8;

  final SwarmNode fetcher;
  final SwarmNode server;
  private final Agenda agenda;
  private final long latency;
  private final Deque<Asked> queue = new ArrayDeque<>(4);
  private final List<Request> open = new ArrayList<>(4);
  private int sentOfHead;
  private int inFlight;
  private long received;
  private boolean ended;

  /** How many holders the fetcher was told of. */
  private int toldHolders;

  private static final class Request {
    private final BitSet missing = new BitSet();
    private boolean cancelled;

    Request(int first, int count) {
      missing.set(first, first + count);
    }
  }

  private record Asked(Request request, int chunk) {}

  Link(SwarmNode fetcher, SwarmNode server, Agenda agenda) {
    this.fetcher = fetcher;
    this.server = server;
    this.agenda = agenda;
    this.latency = fetcher.line().latencyNanos() + server.line().latencyNanos();
  }

  PeerId peer() {
    return server.id();
  }

  long latencyNanos() {
    return latency;
  }

  long received() {
    return received;
  }

  /** Holders that the fetcher was not told of, from now on it was. */
  List<SwarmNode> toTell(List<SwarmNode> holders, int most) {
    int end = Math.min(most, holders.size());
    if (toldHolders >= end) {
      return List.of();
    }
    List<SwarmNode> others =
        holders.subList(toldHolders, end).stream().filter(node -> node != fetcher).toList();
    toldHolders = end;
    return others;
  }

  boolean isOver() {
    return ended;
  }

  void request(int first, int count) {
    fetcher.counters().requests++;
    Request request = new Request(first, count);
    open.add(request);
    agenda.after(
        latency,
        () -> {
          if (ended) {
            return;
          }
          for (int chunk = first; chunk < first + count; chunk++) {
            queue.add(new Asked(request, chunk));
          }
          server.handing(first, count);
          server.uplink().offer(this);
        });
  }

  boolean isReady() {
    dropCancelled();
    return !ended && !queue.isEmpty() && inFlight < WINDOW_PIECES;
  }

  /** What is being sent is sent to its end. */
  private void dropCancelled() {
    while (sentOfHead == 0 && !queue.isEmpty() && queue.peek().request().cancelled) {
      open.remove(queue.remove().request());
    }
  }

  /** Takes the next piece to be sent; its bytes. Call only if it is ready. */
  Piece take() {
    Asked head = queue.element();
    int length = server.geometry().chunkLength(head.chunk());
    int bytes = Math.min(PIECE_BYTES, length - sentOfHead);
    sentOfHead += bytes;
    boolean last = sentOfHead == length;
    if (last) {
      queue.remove();
      sentOfHead = 0;
    }
    inFlight++;
    return new Piece(head.chunk(), bytes, last, head.request());
  }

  /** A part of a chunk on its way. */
  static final class Piece {
    final int chunk;
    final int bytes;
    final boolean last;
    private final Request request;

    private Piece(int chunk, int bytes, boolean last, Request request) {
      this.chunk = chunk;
      this.bytes = bytes;
      this.last = last;
      this.request = request;
    }
  }

  /** The piece is on the line: it comes through the fetcher's own after what came there before. */
  void send(Piece piece) {
    agenda.after(fetcher.arrival(latency, piece.bytes), () -> arrive(piece));
  }

  private void arrive(Piece piece) {
    inFlight--;
    if (ended) {
      return;
    }
    server.uplink().offer(this);
    received += piece.bytes;
    if (piece.last) {
      piece.request.missing.clear(piece.chunk);
      if (piece.request.missing.isEmpty()) {
        open.remove(piece.request);
      }
      fetcher.arrived(this, piece.chunk);
    }
  }

  /** A chunk is not needed any more. */
  void cancel(int chunk) {
    for (Request request : open) {
      if (request.missing.get(chunk) && request.missing.cardinality() == 1) {
        fetcher.counters().cancels++;
        agenda.after(latency, () -> request.cancelled = true);
        return;
      }
    }
  }

  /** Both streams are reset. */
  void end() {
    ended = true;
    queue.clear();
    open.clear();
    server.unfollow(this);
  }
}
