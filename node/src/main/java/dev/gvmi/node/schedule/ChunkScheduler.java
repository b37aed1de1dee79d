package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Decides which chunk is asked of which peer. Events in, actions out.
 *
 * <p>Chunks are fetched segment by segment, because the full SHA3 is computed per segment: a few segments are open at a
 * time, the rarest first (by its rarest missing chunk, ties at random), and their chunks go to whoever has them. So
 * hashing starts early and never piles up at the end. A peer that would idle opens one more segment. When nothing is left
 * to ask for, idle peers are asked for what others owe (the end game); the slower of two is cancelled.
 *
 * <p>A new peer gets one request until its first chunk verifies; then its share grows by what it delivers.
 *
 * <p><b>Thread:</b> one; no clock, no I/O.
 */
public final class ChunkScheduler {
  private static final int MAX_CANDIDATES = 1024;
  private static final int LOOK_AGAIN_CHUNKS = 64;

  private final Geometry geometry;
  private final ScheduleLimits limits;
  private final RandomGenerator random;
  private final BitSet stored;
  private final int[] owed;
  private final int[] holders;
  private final Set<Integer> open = new LinkedHashSet<>();
  private final Map<PeerId, Peer> peers = new LinkedHashMap<>();
  private int outstanding;
  private int changes;

  private static final class Peer {
    final BitSet holds = new BitSet();
    final BitSet refused = new BitSet();
    final BitSet owes = new BitSet();
    int share;

    /** The {@link #changes} at which nothing was left to ask of this peer; looking again at once would be in vain. */
    int idleAt = -1;

    Peer(int share) {
      this.share = share;
    }
  }

  /** A scheduler for an image of which the {@code stored} chunks are here already. */
  public ChunkScheduler(
      Geometry geometry, BitSet stored, ScheduleLimits limits, RandomGenerator random) {
    this.geometry = geometry;
    this.stored = (BitSet) stored.clone();
    this.limits = limits;
    this.random = random;
    this.owed = new int[geometry.chunkCount()];
    this.holders = new int[geometry.chunkCount()];
  }

  /** Takes in what happened and says what to do. */
  public List<Action> on(Event event) {
    List<Action> actions = new ArrayList<>();
    boolean storedOnly = event instanceof Event.Stored;
    if (!storedOnly || stored.cardinality() % LOOK_AGAIN_CHUNKS == 0 || endIsNear()) {
      changes++;
    }
    switch (event) {
      case Event.Joined joined -> peers.putIfAbsent(joined.peer(), new Peer(limits.newPeer()));
      case Event.Holds holds -> holds(holds);
      case Event.Left left -> left(left.peer());
      case Event.Stored done -> stored(done, actions);
      case Event.Refused refused -> refused(refused);
    }
    assign(actions);
    return actions;
  }

  private boolean endIsNear() {
    return geometry.chunkCount() - stored.cardinality() <= limits.inAll();
  }

  /** Whether every chunk is here. */
  public boolean isComplete() {
    return stored.cardinality() == geometry.chunkCount();
  }

  /** Chunks asked for and not here yet, counted once for each peer that owes them. */
  public int outstanding() {
    return outstanding;
  }

  private void holds(Event.Holds event) {
    Peer peer = peers.get(event.peer());
    if (peer == null) {
      return;
    }
    count(peer.holds, -1);
    peer.holds.clear();
    peer.holds.or(event.chunks());
    peer.holds.clear(geometry.chunkCount(), Math.max(geometry.chunkCount(), peer.holds.length()));
    count(peer.holds, 1);
  }

  private void count(BitSet chunks, int by) {
    for (int i = chunks.nextSetBit(0); i >= 0; i = chunks.nextSetBit(i + 1)) {
      holders[i] += by;
    }
  }

  private void left(PeerId id) {
    Peer peer = peers.remove(id);
    if (peer == null) {
      return;
    }
    count(peer.holds, -1);
    for (int i = peer.owes.nextSetBit(0); i >= 0; i = peer.owes.nextSetBit(i + 1)) {
      owed[i]--;
      outstanding--;
    }
  }

  private void stored(Event.Stored event, List<Action> actions) {
    stored.set(event.chunk());
    Peer from = peers.get(event.peer());
    if (from != null) {
      settle(from, event.chunk());
      from.share = Math.min(limits.perPeer(), from.share + 1);
    }
    peers.forEach(
        (id, other) -> {
          if (other.owes.get(event.chunk())) {
            settle(other, event.chunk());
            actions.add(new Action.Cancel(id, event.chunk()));
          }
        });
    int last = geometry.lastSegmentOf(event.chunk());
    for (int segment = geometry.firstSegmentOf(event.chunk()); segment <= last; segment++) {
      if (missing(segment) < 0) {
        open.remove(segment);
      }
    }
  }

  private void refused(Event.Refused event) {
    Peer peer = peers.get(event.peer());
    if (peer != null) {
      settle(peer, event.chunk());
      peer.refused.set(event.chunk());
      peer.share = Math.max(1, peer.share / 2);
    }
  }

  private void settle(Peer peer, int chunk) {
    if (peer.owes.get(chunk)) {
      peer.owes.clear(chunk);
      owed[chunk]--;
      outstanding--;
    }
  }

  /** The first chunk of the segment that is not here, or -1. */
  private int missing(int segment) {
    int next = stored.nextClearBit(geometry.firstChunkOf(segment));
    return next <= geometry.lastChunkOf(segment) ? next : -1;
  }

  private void assign(List<Action> actions) {
    boolean progress = true;
    while (progress && outstanding < limits.inAll()) {
      progress = false;
      for (Map.Entry<PeerId, Peer> entry : peers.entrySet()) {
        Peer peer = entry.getValue();
        int room = Math.min(peer.share - peer.owes.cardinality(), limits.inAll() - outstanding);
        // a request of one chunk for a peer that could take four wastes round trips
        boolean worthwhile = room >= Math.min(limits.perRequest(), peer.share) || peer.owes.isEmpty();
        if (room > 0 && worthwhile && peer.idleAt != changes) {
          progress |= assign(entry.getKey(), peer, Math.min(room, limits.perRequest()), actions);
        }
      }
    }
  }

  private boolean assign(PeerId id, Peer peer, int most, List<Action> actions) {
    int first = nextFor(peer);
    if (first < 0) {
      first = peer.owes.isEmpty() ? endGame(peer) : -1;
      if (first < 0) {
        peer.idleAt = changes;
        return false;
      }
      ask(id, peer, first, 1, actions);
      return true;
    }
    int count = 1;
    while (count < most && first + count < owed.length && isFree(peer, first + count)) {
      count++;
    }
    ask(id, peer, first, count, actions);
    return true;
  }

  private void ask(PeerId id, Peer peer, int first, int count, List<Action> actions) {
    for (int i = first; i < first + count; i++) {
      peer.owes.set(i);
      owed[i]++;
      outstanding++;
    }
    actions.add(new Action.Request(id, first, count));
  }

  private boolean isFree(Peer peer, int chunk) {
    return !stored.get(chunk) && owed[chunk] == 0 && canAsk(peer, chunk);
  }

  private static boolean canAsk(Peer peer, int chunk) {
    return peer.holds.get(chunk) && !peer.refused.get(chunk) && !peer.owes.get(chunk);
  }

  /** The next chunk for a peer: of an open segment, else of a segment that is opened for it; -1 if there is none. */
  private int nextFor(Peer peer) {
    if (open.size() < limits.openSegments()) {
      openRarest(peer);
    }
    for (int segment : open) {
      int chunk = freeIn(segment, peer);
      if (chunk >= 0) {
        return chunk;
      }
    }
    int opened = openRarest(peer);
    return opened < 0 ? -1 : freeIn(opened, peer);
  }

  private int freeIn(int segment, Peer peer) {
    for (int i = geometry.firstChunkOf(segment); i <= geometry.lastChunkOf(segment); i++) {
      if (isFree(peer, i)) {
        return i;
      }
    }
    return -1;
  }

  /** Opens the rarest segment in which the peer can be asked for something; -1 if there is none. */
  private int openRarest(Peer peer) {
    int segments = geometry.segmentCount();
    int start = random.nextInt(segments);
    int best = -1;
    int fewest = Integer.MAX_VALUE;
    int candidates = 0;
    for (int i = 0; i < segments && candidates < MAX_CANDIDATES; i++) {
      int segment = (start + i) % segments;
      if (open.contains(segment) || freeIn(segment, peer) < 0) {
        continue;
      }
      candidates++;
      int rarity = rarity(segment);
      if (rarity < fewest) {
        fewest = rarity;
        best = segment;
      }
    }
    if (best >= 0) {
      open.add(best);
    }
    return best;
  }

  /** Holders of the rarest chunk that the segment still needs. */
  private int rarity(int segment) {
    int fewest = Integer.MAX_VALUE;
    for (int i = geometry.firstChunkOf(segment); i <= geometry.lastChunkOf(segment); i++) {
      if (!stored.get(i) && holders[i] > 0) {
        fewest = Math.min(fewest, holders[i]);
      }
    }
    return fewest;
  }

  /** A chunk that exactly one other peer owes and this one could deliver, at random; -1 if there is none. */
  private int endGame(Peer peer) {
    int start = random.nextInt(owed.length);
    for (int i = 0; i < owed.length; i++) {
      int chunk = (start + i) % owed.length;
      if (!stored.get(chunk) && owed[chunk] == 1 && canAsk(peer, chunk)) {
        return chunk;
      }
    }
    return -1;
  }
}
