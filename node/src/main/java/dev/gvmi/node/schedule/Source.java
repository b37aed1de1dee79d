package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/** What is known of one peer that delivers chunks. Not thread-safe. */
final class Source {
  /** How much of what it delivers is asked for in advance, besides what is under way. */
  private static final double AHEAD_SECONDS = 1;

  private static final double MOST_LATENCY_SECONDS = 5;
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Slower than this is standing still. */
  private static final double STALLED_BYTES_PER_SECOND = 8 << 10;

  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int LEAST_SHARE = 2;

  final PeerId id;
  final BitSet holds = new BitSet();
  final BitSet refused = new BitSet();

  /** What it has handed to somebody lately, as it says itself. */
  final BitSet handed = new BitSet();

  /** What it was asked for. */
  private final BitSet asked = new BitSet();

  /** Chunks that it may still be asked for. */
  int allowed = Integer.MAX_VALUE;

  /** Whether it has handed what it was not asked for here. */
  boolean servesOthers;

  private final ScheduleLimits limits;

  /** What is asked of it, in the order of asking, and when it was. */
  private final SequencedMap<Integer, Long> owes = new LinkedHashMap<>();

  private final Rate rate = new Rate();
  private final ChunkTimes times = new ChunkTimes();
  private int share;
  private double quickestSeconds = MOST_LATENCY_SECONDS;
  private boolean proven;
  private boolean stalled;
  private long received;
  private long seenAt;
  private long servingSince;
  private long stalledSince;
  private long busyUntil;

  /**
   * When nothing was left to ask of it, as the scheduler counts; looking again at once would be in
   * vain.
   */
  int idleAt = -1;

  Source(PeerId id, ScheduleLimits limits, long now) {
    this.id = id;
    this.limits = limits;
    this.share = limits.newPeer();
    this.seenAt = now;
    this.busyUntil = now;
  }

  /** There may be something to ask of it. */
  void lookAgain() {
    idleAt = -1;
  }

  void handed(BitSet chunks) {
    BitSet toOthers = (BitSet) chunks.clone();
    toOthers.andNot(asked);
    servesOthers |= !toOthers.isEmpty();
    handed.or(chunks);
  }

  SequencedSet<Integer> owed() {
    return owes.sequencedKeySet();
  }

  /** Takes a chunk that is owed, and when it was asked for. */
  interface Owed {
    void accept(int chunk, long askedAt);
  }

  void forEachOwed(Owed owed) {
    owes.forEach(owed::accept);
  }

  /** How long its chunks took. */
  ChunkTimes times() {
    return times;
  }

  boolean owes(int chunk) {
    return owes.containsKey(chunk);
  }

  boolean canBeAsked(int chunk) {
    return holds.get(chunk) && !refused.get(chunk) && !owes.containsKey(chunk);
  }

  /** Chunks that may be asked of it now. */
  int room(long now) {
    boolean waits = stalled || now - busyUntil < 0 || (!proven && !owes.isEmpty());
    return waits ? 0 : Math.max(0, share - owes.size());
  }

  int share() {
    return share;
  }

  void ask(int chunk, long now) {
    if (owes.isEmpty()) {
      servingSince = now;
      seenAt = now;
    }
    allowed -= allowed == Integer.MAX_VALUE ? 0 : 1;
    owes.put(chunk, now);
    asked.set(chunk);
  }

  /** Takes a chunk off what it owes; false if it did not owe it. */
  boolean settle(int chunk) {
    return owes.remove(chunk) != null;
  }

  /**
   * In how many seconds it will have delivered a chunk that it owes; {@code Double.MAX_VALUE} for
   * one that was not measured yet.
   */
  double etaSeconds(int chunk) {
    int position = 1;
    for (int before : owes.keySet()) {
      if (before == chunk) {
        break;
      }
      position++;
    }
    return etaSeconds(position, Double.MAX_VALUE);
  }

  /** For how long it has owed a chunk; 0 for one that it does not owe. */
  long owedNanos(int chunk, long now) {
    Long askedAt = owes.get(chunk);
    return askedAt == null ? 0 : now - askedAt;
  }

  void delivered(int chunk, long now) {
    proven = true;
    servingSince = now;
    Long askedAt = owes.remove(chunk);
    if (askedAt != null) {
      times.add(now - askedAt);
      quickestSeconds = Math.min(quickestSeconds, (now - askedAt) / NANOS);
      share = Math.min(mostShare(), share + 1);
    }
  }

  void refused(int chunk) {
    settle(chunk);
    refused.set(chunk);
    share = Math.max(1, share / 2);
  }

  void busy(int chunk, long until) {
    settle(chunk);
    share = Math.max(1, share / 2);
    busyUntil = until;
  }

  /**
   * Takes in how much has come in all. One that owes nothing stays what it was.
   *
   * @return whether it began or ceased to stand still
   */
  boolean observe(long receivedInAll, long now) {
    if (owes.isEmpty()) {
      seenAt = now;
      received = receivedInAll;
      return false;
    }
    rate.add(receivedInAll - received, now - seenAt);
    seenAt = now;
    received = receivedInAll;
    share = Math.min(share, mostShare());
    boolean slow = rate.bytesPerSecond() < STALLED_BYTES_PER_SECOND;
    return become(slow && now - servingSince > STALLED_NANOS, now);
  }

  private boolean become(boolean standing, long now) {
    boolean changed = stalled != standing;
    if (changed) {
      stalled = standing;
      stalledSince = now;
    }
    return changed;
  }

  /** Gives one that stood still, and was relieved of all that it owed, another chance. */
  void tryAgain(long now) {
    if (owes.isEmpty()) {
      become(false, now);
    }
  }

  boolean isStalled() {
    return stalled;
  }

  /** For how long it has stood still. */
  long stalledNanos(long now) {
    return stalled ? now - stalledSince : 0;
  }

  /**
   * As many chunks as it delivers in a second and two round trips; a share grows towards it by what
   * is delivered.
   */
  private int mostShare() {
    if (!rate.isKnown()) {
      return limits.perPeer();
    }
    double ahead = AHEAD_SECONDS + 2 * quickestSeconds;
    double chunks = Math.ceil(rate.bytesPerSecond() * ahead / Geometry.CHUNK_BYTES);
    return (int) Math.max(LEAST_SHARE, Math.min(limits.perPeer(), chunks));
  }

  /**
   * In how many seconds it will have delivered so many chunks; {@code ifUnknown} for one that was
   * not measured yet.
   */
  double etaSeconds(int chunks, double ifUnknown) {
    return rate.isKnown() && rate.bytesPerSecond() > 0
        ? (double) chunks * Geometry.CHUNK_BYTES / rate.bytesPerSecond()
        : ifUnknown;
  }

  double bytesPerSecond() {
    return stalled ? 0 : rate.bytesPerSecond();
  }
}
