package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides which chunk is asked of which peer. Events in, actions out.
 *
 * <p><b>Which chunk.</b> Chunks are fetched segment by segment, because the full SHA3 is computed
 * per segment: see {@link OpenSegments}. A peer that would idle opens one more segment.
 *
 * <p><b>How much of whom.</b> A new peer gets one request until its first chunk verifies. Then its
 * share grows with each chunk, as far as what it delivers in a second: a fast line is kept full, a
 * slow one owes little when the end comes.
 *
 * <p><b>Who is replaced.</b> A peer that stands still, or trickles, keeps what it was asked for and
 * gets nothing more; others are asked for it as if nobody had been. If it goes on so while others
 * deliver, it is dropped.
 *
 * <p><b>Who is slow.</b> A chunk that takes longer than nine of ten of its peer did lately, or
 * twice as long where nobody reads, is asked of another, too, if that one would bring it sooner:
 * see {@link Hedges}.
 *
 * <p><b>In order.</b> While somebody reads, the chunks from there on are asked for first, in order,
 * by whoever has room.
 *
 * <p><b>The end.</b> When nothing is left to ask for, a peer with room is asked for what another
 * owes and would deliver later, the latest first. Whoever is second is cancelled.
 *
 * <p><b>Thread:</b> one; no clock, no I/O. <b>Units:</b> times are nanoseconds of a clock of the
 * caller.
 */
public final class ChunkScheduler {
  private static final long DROP_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final Geometry geometry;
  private final ScheduleLimits limits;
  private final BitSet stored;
  private final OpenSegments segments;
  private final Map<PeerId, Source> sources = new LinkedHashMap<>();

  /** For each chunk, how many peers owe it that do not stand still. */
  private final int[] owed;

  /** What is not here, not being made, and asked of nobody that delivers. */
  private final BitSet free = new BitSet();

  /** What is being made from what is here. */
  private final BitSet copying = new BitSet();

  private final Hedges hedges = new Hedges();

  /** Used again and again. */
  private final BitSet wanted = new BitSet();

  /** What may be under way now. */
  private int most;

  /** The chunk that somebody waits for; -1: none. */
  private int reader = -1;

  private int outstanding;
  private int allowed = Integer.MAX_VALUE;
  private int changes;
  private long now;

  /** A scheduler for an image of which the {@code stored} chunks are here already. */
  public ChunkScheduler(
      Geometry geometry, BitSet stored, ScheduleLimits limits, RandomGenerator random) {
    this.geometry = geometry;
    this.stored = (BitSet) stored.clone();
    this.limits = limits;
    this.most = limits.inAll();
    this.owed = new int[geometry.chunkCount()];
    free.set(0, owed.length);
    free.andNot(stored);
    this.segments = new OpenSegments(geometry, this.stored, limits.openSegments(), random);
  }

  /** Takes in what happened at the time {@code now} and says what to do. */
  public List<Action> on(Event event, long now) {
    this.now = now;
    List<Action> actions = new ArrayList<>();
    switch (event) {
      case Event.Joined joined ->
          sources.putIfAbsent(joined.peer(), new Source(joined.peer(), limits, now));
      case Event.Holds holds -> holds(holds);
      case Event.Gained gained -> gained(gained);
      case Event.Handed handed -> handed(handed);
      case Event.Left left -> left(left.peer());
      case Event.Stored done -> stored(done, actions);
      case Event.Copying some -> copying(some.chunks(), true);
      case Event.Copied done -> copied(done.chunk(), actions);
      case Event.NotCopied some -> copying(some.chunks(), false);
      case Event.Refused refused -> refused(refused);
      case Event.Busy busy -> busy(busy);
      case Event.Allowance allowance -> allowed = allowance.chunks();
      case Event.PeerAllowance allowance -> allow(allowance);
      case Event.Reading reading -> reader = reading.chunk();
      case Event.Allowed allowed -> most = Math.min(limits.inAll(), allowed.inAll());
      case Event.Tick tick -> tick(tick, actions);
    }
    assign(actions);
    return actions;
  }

  /** Whether every chunk is here. */
  public boolean isComplete() {
    return stored.cardinality() == geometry.chunkCount();
  }

  /** Chunks asked of peers that deliver, and not here yet; counted once for each of them. */
  public int outstanding() {
    return outstanding;
  }

  /** Chunks that may still be asked for. */
  public int allowance() {
    return allowed;
  }

  /** Chunks that may still be asked of this peer. */
  public int allowance(PeerId peer) {
    Source source = sources.get(peer);
    return source == null ? 0 : source.allowed;
  }

  private void allow(Event.PeerAllowance event) {
    Source source = sources.get(event.peer());
    if (source != null) {
      source.allowed = event.chunks();
    }
  }

  private void holds(Event.Holds event) {
    Source source = sources.get(event.peer());
    if (source == null) {
      return;
    }
    segments.count(source.holds, -1);
    source.holds.clear();
    source.holds.or(event.chunks());
    source.holds.clear(
        geometry.chunkCount(), Math.max(geometry.chunkCount(), source.holds.length()));
    segments.count(source.holds, 1);
    source.lookAgain();
  }

  private void gained(Event.Gained event) {
    Source source = sources.get(event.peer());
    if (source != null) {
      BitSet fresh = (BitSet) event.chunks().clone();
      fresh.andNot(source.holds);
      fresh.clear(owed.length, Math.max(owed.length, fresh.length()));
      source.holds.or(fresh);
      segments.count(fresh, 1);
      source.lookAgain();
    }
  }

  private void handed(Event.Handed event) {
    Source source = sources.get(event.peer());
    if (source != null) {
      source.handed(event.chunks());
    }
  }

  private void copying(BitSet chunks, boolean are) {
    for (int i = chunks.nextSetBit(0); i >= 0 && i < owed.length; i = chunks.nextSetBit(i + 1)) {
      copying.set(i, are);
      look(i);
    }
    changes++;
  }

  /** Whether a chunk is free may have changed. */
  private void look(int chunk) {
    free.set(chunk, owed[chunk] == 0 && !stored.get(chunk) && !copying.get(chunk));
  }

  private void left(PeerId id) {
    Source source = sources.remove(id);
    if (source != null) {
      segments.count(source.holds, -1);
      source.owed().forEach(chunk -> relieve(source, chunk));
      changes++;
    }
  }

  private void stored(Event.Stored event, List<Action> actions) {
    stored(event.chunk(), event.peer(), actions);
  }

  private void copied(int chunk, List<Action> actions) {
    copying.clear(chunk);
    stored(chunk, null, actions);
  }

  /** A chunk came from a peer, or from here. */
  private void stored(int chunk, @Nullable PeerId peer, List<Action> actions) {
    stored.set(chunk);
    look(chunk);
    for (Source source : sources.values()) {
      boolean fromIt = peer != null && source.id.equals(peer);
      if (source.owes(chunk)) {
        relieve(source, chunk);
        if (!fromIt) {
          source.settle(chunk);
          actions.add(new Action.Cancel(source.id, chunk));
        }
      }
      if (fromIt) {
        long took = source.owedNanos(chunk, now);
        if (took > 0) {
          hedges.stored(took);
        }
        source.delivered(chunk, now);
        source.lookAgain();
      }
    }
    segments.stored(chunk);
  }

  private void refused(Event.Refused event) {
    Source source = owing(event.peer(), event.chunk());
    if (source != null) {
      source.refused(event.chunk());
    }
  }

  private void busy(Event.Busy event) {
    Source source = owing(event.peer(), event.chunk());
    if (source != null) {
      source.busy(event.chunk(), now + event.nanos());
    }
  }

  /**
   * The peer, which no longer counts as one that will bring the chunk; null if it was not asked for
   * it.
   */
  private @Nullable Source owing(PeerId peer, int chunk) {
    Source source = sources.get(peer);
    if (source == null || !source.owes(chunk)) {
      return null;
    }
    relieve(source, chunk);
    changes++;
    return source;
  }

  private void relieve(Source source, int chunk) {
    if (!source.isStalled()) {
      owed[chunk]--;
      outstanding--;
      look(chunk);
    }
  }

  private void count(int chunk, int by) {
    owed[chunk] += by;
    look(chunk);
  }

  private void tick(Event.Tick event, List<Action> actions) {
    changes++;
    for (Source source : sources.values()) {
      long received = event.receivedBytes().getOrDefault(source.id, 0L);
      if (source.observe(received, now)) {
        int by = source.isStalled() ? -1 : 1;
        source.owed().forEach(chunk -> count(chunk, by));
        outstanding += by * source.owed().size();
      }
    }
    hedges.look(sources.values(), now, reader);
    boolean anyDelivers = sources.values().stream().anyMatch(s -> s.bytesPerSecond() > 0);
    for (Source source : sources.values()) {
      if (!anyDelivers) {
        source.tryAgain(now);
      } else if (source.stalledNanos(now) > DROP_NANOS) {
        actions.add(new Action.Drop(source.id));
      }
    }
  }

  private void assign(List<Action> actions) {
    boolean progress = true;
    while (progress && outstanding < most && allowed > 0) {
      progress = false;
      for (Source source : sources.values()) {
        int room = Math.min(source.room(now), most - outstanding);
        // a request of one chunk for a peer that could take four wastes round trips
        boolean worthwhile =
            room >= Math.min(limits.perRequest(), source.share()) || source.owed().isEmpty();
        room = Math.min(room, Math.min(allowed, source.allowed));
        if (room > 0 && worthwhile && source.idleAt != changes) {
          progress |= assign(source, Math.min(room, limits.perRequest()), actions);
        }
      }
    }
  }

  private boolean assign(Source source, int most, List<Action> actions) {
    if (askOverdue(source, actions)) {
      return true;
    }
    int read = nextRead(source);
    int first =
        read >= 0 ? read : segments.next(wanted(source), source.handed, source.servesOthers);
    if (first < 0) {
      return askTwice(source, actions);
    }
    int count = 1;
    boolean handed = source.handed.get(first);
    while (count < most
        && first + count < owed.length
        && isFree(source, first + count)
        && source.handed.get(first + count) == handed) {
      count++;
    }
    ask(source, first, count, actions);
    return true;
  }

  private boolean askOverdue(Source source, List<Action> actions) {
    int overdue = hedges.next(chunk -> wouldBeSooner(source, chunk));
    if (overdue >= 0) {
      ask(source, overdue, 1, actions);
    }
    return overdue >= 0;
  }

  /** Asks it at the end for what another owes and would bring later. */
  private boolean askTwice(Source source, List<Action> actions) {
    int late = free.isEmpty() ? latest(source) : -1;
    if (late < 0) {
      source.idleAt = changes;
      return false;
    }
    ask(source, late, 1, actions);
    return true;
  }

  /** What it can be asked for that is free. */
  private BitSet wanted(Source source) {
    wanted.clear();
    wanted.or(free);
    wanted.and(source.holds);
    wanted.andNot(source.refused);
    return wanted;
  }

  /**
   * The first chunk that the reader waits for and nobody was asked for; -1 if there is none near
   * by, or nobody reads.
   */
  private int nextRead(Source source) {
    int end = reader < 0 ? 0 : Math.min(owed.length, reader + ScheduleLimits.READ_AHEAD);
    for (int chunk = Math.max(0, reader); chunk < end; chunk++) {
      if (isFree(source, chunk)) {
        return chunk;
      }
    }
    return -1;
  }

  /** Whether this peer would bring a chunk sooner than the one other that owes it. */
  private boolean wouldBeSooner(Source source, int chunk) {
    if (stored.get(chunk) || owed[chunk] != 1 || !source.canBeAsked(chunk)) {
      return false;
    }
    double own = source.etaSeconds(source.owed().size() + 1, 0);
    return sources.values().stream()
        .filter(other -> other.owes(chunk) && !other.isStalled())
        .anyMatch(other -> other.etaSeconds(chunk) > own);
  }

  private void ask(Source source, int first, int count, List<Action> actions) {
    for (int i = first; i < first + count; i++) {
      source.ask(i, now);
      allowed -= allowed == Integer.MAX_VALUE ? 0 : 1;
      count(i, 1);
      outstanding++;
    }
    actions.add(new Action.Request(source.id, first, count));
  }

  private boolean isFree(Source source, int chunk) {
    return free.get(chunk) && source.canBeAsked(chunk);
  }

  /**
   * The chunk that one other peer owes and will bring last, if this one would bring it sooner; else
   * -1.
   */
  private int latest(Source source) {
    int latest = -1;
    double most = source.etaSeconds(source.owed().size() + 1, 0);
    for (Source other : sources.values()) {
      int position = other.owed().size();
      if (other.isStalled() || other.etaSeconds(position, Double.MAX_VALUE) <= most) {
        continue;
      }
      for (int chunk : other.owed().reversed()) {
        double eta = other.etaSeconds(position--, Double.MAX_VALUE);
        if (eta <= most) {
          break;
        }
        if (owed[chunk] == 1 && source.canBeAsked(chunk)) {
          most = eta;
          latest = chunk;
          break;
        }
      }
    }
    return latest;
  }
}
