package dev.gvmi.node.schedule;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;

/**
 * One fetch in virtual time: the scheduler against lines of given rates. A line sends what it is
 * asked for in order, and what it sends depends on the time only.
 */
final class FetchSimulation {
  private static final double STEP_SECONDS = 0.005;
  private static final int STEPS_PER_TICK = 20;

  private final Geometry geometry;
  private final ChunkScheduler scheduler;
  private final Map<PeerId, Line> lines = new LinkedHashMap<>();
  private final BitSet stored = new BitSet();
  private double time;
  private int reader = -1;
  private double longest;
  private final Map<Integer, Double> firstAsked = new HashMap<>();
  private long wastedBytes;
  private int drops;

  /** A peer behind a line. */
  private final class Line {
    private final DoubleUnaryOperator bytesPerSecond;
    private final double latency;
    private final Deque<Asked> queue = new ArrayDeque<>();
    private double sentOfHead;
    private long received;

    Line(DoubleUnaryOperator bytesPerSecond, double latency) {
      this.bytesPerSecond = bytesPerSecond;
      this.latency = latency;
    }

    /** The chunks that are delivered within one step. */
    List<Integer> step() {
      List<Integer> done = new ArrayList<>();
      double budget = bytesPerSecond.applyAsDouble(time) * STEP_SECONDS;
      while (budget > 0 && !queue.isEmpty() && queue.peek().at + latency <= time) {
        int chunk = queue.peek().chunk;
        double take = Math.min(budget, geometry.chunkLength(chunk) - sentOfHead);
        sentOfHead += take;
        budget -= take;
        received += (long) take;
        if (sentOfHead >= geometry.chunkLength(chunk)) {
          queue.remove();
          sentOfHead = 0;
          done.add(chunk);
        }
      }
      return done;
    }
  }

  private record Asked(int chunk, double at) {}

  FetchSimulation(Geometry geometry, long seed) {
    this.geometry = geometry;
    this.scheduler =
        new ChunkScheduler(geometry, new BitSet(), ScheduleLimits.DEFAULT, new Random(seed));
  }

  /** Adds a peer that holds all. */
  PeerId add(DoubleUnaryOperator bytesPerSecond, double latencySeconds) {
    PeerId peer = HostKey.generate(new SecureRandom()).peerId();
    lines.put(peer, new Line(bytesPerSecond, latencySeconds));
    BitSet all = new BitSet();
    all.set(0, geometry.chunkCount());
    act(scheduler.on(new Event.Joined(peer), nanos()));
    act(scheduler.on(new Event.Holds(peer, all), nanos()));
    return peer;
  }

  /** Seconds until all is there. */
  double run(double mostSeconds) {
    while (!scheduler.isComplete()) {
      advance();
      if (time > mostSeconds) {
        throw new AssertionError(
            stored.cardinality() + " of " + geometry.chunkCount() + " chunks after " + time + " s");
      }
    }
    return time;
  }

  /**
   * Somebody reads from a chunk on as fast as it can: each that is here, and waits for the next.
   */
  void read(int fromChunk) {
    reader = fromChunk;
    act(scheduler.on(new Event.Reading(reader), nanos()));
  }

  /** The chunk the reader waits for. */
  int reader() {
    return reader;
  }

  void allow(int inAll) {
    act(scheduler.on(new Event.Allowed(inAll), nanos()));
  }

  void copying(BitSet chunks) {
    act(scheduler.on(new Event.Copying(chunks), nanos()));
  }

  void copied(int chunk) {
    stored.set(chunk);
    act(scheduler.on(new Event.Copied(chunk), nanos()));
  }

  void notCopied(BitSet chunks) {
    act(scheduler.on(new Event.NotCopied(chunks), nanos()));
  }

  boolean isStored(int chunk) {
    return stored.get(chunk);
  }

  /** The longest that a chunk was under way, in seconds. */
  double longest() {
    return longest;
  }

  double time() {
    return time;
  }

  void advance(double seconds) {
    double end = time + seconds;
    while (time < end) {
      advance();
    }
  }

  private void advance() {
    time += STEP_SECONDS;
    for (PeerId peer : List.copyOf(lines.keySet())) {
      Line line = lines.get(peer);
      for (int chunk : line == null ? List.<Integer>of() : line.step()) {
        if (stored.get(chunk)) {
          wastedBytes += geometry.chunkLength(chunk);
        }
        if (!stored.get(chunk)) {
          longest = Math.max(longest, time - firstAsked.getOrDefault(chunk, time));
        }
        stored.set(chunk);
        act(scheduler.on(new Event.Stored(peer, chunk), nanos()));
      }
    }
    if (Math.round(time / STEP_SECONDS) % STEPS_PER_TICK == 0) {
      Map<PeerId, Long> received = new HashMap<>();
      lines.forEach((peer, line) -> received.put(peer, line.received));
      act(scheduler.on(new Event.Tick(received), nanos()));
      if (reader >= 0) {
        read(stored.nextClearBit(reader));
      }
    }
  }

  private long nanos() {
    return (long) (time * TimeUnit.SECONDS.toNanos(1));
  }

  private void act(List<Action> actions) {
    for (Action action : actions) {
      switch (action) {
        case Action.Request request -> {
          for (int i = 0; i < request.count(); i++) {
            firstAsked.putIfAbsent(request.first() + i, time);
            lines.get(request.peer()).queue.add(new Asked(request.first() + i, time));
          }
        }
        case Action.Cancel cancel -> cancel(lines.get(cancel.peer()), cancel.chunk());
        case Action.Drop drop -> {
          drops++;
          lines.remove(drop.peer());
          act(scheduler.on(new Event.Left(drop.peer()), nanos()));
        }
      }
    }
  }

  /** What is being sent is sent to its end. */
  private void cancel(Line line, int chunk) {
    boolean sending =
        line.sentOfHead > 0 && !line.queue.isEmpty() && line.queue.peek().chunk == chunk;
    if (!sending) {
      line.queue.removeIf(asked -> asked.chunk == chunk);
    }
  }

  int owedBy(PeerId peer) {
    return lines.get(peer).queue.size();
  }

  int outstanding() {
    return scheduler.outstanding();
  }

  long wastedBytes() {
    return wastedBytes;
  }

  int drops() {
    return drops;
  }
}
