package dev.gvmi.bench.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.schedule.Action;
import dev.gvmi.node.schedule.ChunkScheduler;
import dev.gvmi.node.schedule.Event;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.node.swarm.Standing;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The fetch of one node: what the node's own does, with the same scheduler and the same standing of
 * peers.
 */
final class Fetch {
  /** A lookup in the DHT until its first answers. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final Duration MOST_LOOK_AGAIN = Duration.ofSeconds(80);
  private static final Duration HUNT = Duration.ofSeconds(1);
  private static final int MAX_DOUBLINGS = 6;
  private static final int MAX_HUNTS = 320;

  /**
   * Holders in use at a time: so that ten thousand nodes are simulated in minutes. A node itself
   * uses all that it is connected to.
   */
  private static final int MAX_LINKS = 40;

  /** Whom others tell of. */
  private static final int DIALS_A_MINUTE = 8;

  private final World world;
  private final SwarmNode node;
  private final Done done;
  private final ChunkScheduler scheduler;
  private final Standing standing = new Standing();
  private final ManifestVotes votes = new ManifestVotes(standing);
  private final Map<PeerId, Link> links = new LinkedHashMap<>();
  private final Set<SwarmNode> hunted = new HashSet<>();
  private long minute;
  private int dialled;
  private long wasted;
  private long came;
  private boolean stopped;

  /** Is told when all is there. */
  @FunctionalInterface
  interface Done {
    void at(long nanos);
  }

  Fetch(World world, SwarmNode node, Done done) {
    this.world = world;
    this.node = node;
    this.done = done;
    this.scheduler =
        new ChunkScheduler(world.geometry(), new BitSet(), ScheduleLimits.DEFAULT, world.random());
  }

  boolean isRunning() {
    return !stopped && !scheduler.isComplete();
  }

  /** Chunks that came twice. */
  long wasted() {
    return wasted;
  }

  long came() {
    return came;
  }

  int links() {
    return links.size();
  }

  void begin() {
    world.agenda().after(world.tick().toNanos(), this::tick);
  }

  void stop() {
    stopped = true;
    closeLinks();
  }

  private void closeLinks() {
    links.values().forEach(Link::end);
    links.clear();
  }

  // ---- holders ----

  /** Asks a holder that was named. */
  void named(SwarmNode holder) {
    hunted.add(holder);
    hunt(holder, 0, 0);
  }

  /** Looks in the DHT, again and again. */
  void look(Duration again) {
    if (!isRunning()) {
      return;
    }
    world
        .agenda()
        .after(
            LOOK.toNanos(),
            () -> {
              world.find(node).forEach(this::candidate);
              Duration twice = again.multipliedBy(2);
              world
                  .agenda()
                  .after(
                      again.toNanos(),
                      () -> look(twice.compareTo(MOST_LOOK_AGAIN) > 0 ? MOST_LOOK_AGAIN : twice));
            });
  }

  void look() {
    look(LOOK_AGAIN);
  }

  void heardOf(List<SwarmNode> others) {
    long now = world.agenda().now();
    if (now - minute > TimeUnit.MINUTES.toNanos(1)) {
      minute = now;
      dialled = 0;
    }
    for (SwarmNode other : others) {
      if (dialled < DIALS_A_MINUTE && !hunted.contains(other)) {
        dialled++;
        candidate(other);
      }
    }
  }

  private void candidate(SwarmNode other) {
    if (isRunning() && other != node && hunted.size() < MAX_HUNTS && hunted.add(other)) {
      hunt(other, 0, MAX_DOUBLINGS);
    }
  }

  private void hunt(SwarmNode holder, int doublings, int most) {
    if (!isRunning() || links.containsKey(holder.id())) {
      return;
    }
    node.dial(
        holder,
        () ->
            world
                .agenda()
                .after(
                    HUNT.toNanos() << doublings,
                    () -> hunt(holder, Math.min(most, doublings + 1), most)));
  }

  /** Uses it if it has anything; whether it is in use now. */
  boolean take(SwarmNode holder) {
    if (links.containsKey(holder.id())) {
      return true;
    }
    if (!isRunning()
        || links.size() >= MAX_LINKS
        || holder.stored().isEmpty()
        || !holder.isUp()
        || standing.isBanned(holder.id())) {
      return false;
    }
    hunted.add(holder);
    links.put(holder.id(), node.follow(holder));
    on(new Event.Joined(holder.id()));
    return true;
  }

  // ---- links ----

  void told(Link link, BitSet chunks) {
    if (!link.isOver() && isRunning()) {
      on(new Event.Gained(link.peer(), chunks));
    }
  }

  void handed(Link link, BitSet chunks) {
    if (!link.isOver() && isRunning()) {
      on(new Event.Handed(link.peer(), chunks));
    }
  }

  void arrived(Link link, int chunk) {
    if (!isRunning()) {
      return;
    }
    came++;
    if (link.server.corrupts()) {
      wasted++;
      votes.ban(link.peer());
      lost(link);
      return;
    }
    if (node.stored().get(chunk)) {
      wasted++;
    }
    boolean first = node.stored().isEmpty();
    node.stored().set(chunk);
    on(new Event.Stored(link.peer(), chunk));
    if (first) {
      node.announce();
    }
    if (scheduler.isComplete()) {
      closeLinks();
      done.at(world.agenda().now());
    }
  }

  void lost(Link link) {
    if (links.remove(link.peer()) != null) {
      link.end();
      on(new Event.Left(link.peer()));
    }
  }

  private void tick() {
    if (!isRunning()) {
      return;
    }
    Map<PeerId, Long> received = HashMap.newHashMap(links.size());
    links.forEach((peer, link) -> received.put(peer, link.received()));
    on(new Event.Tick(received));
    world.agenda().after(world.tick().toNanos(), this::tick);
  }

  private void on(Event event) {
    for (Action action : scheduler.on(event, world.agenda().now())) {
      switch (action) {
        case Action.Request request -> {
          Link link = links.get(request.peer());
          if (link != null) {
            link.request(request.first(), request.count());
          }
        }
        case Action.Cancel cancel -> {
          Link link = links.get(cancel.peer());
          if (link != null) {
            link.cancel(cancel.chunk());
          }
        }
        case Action.Drop drop -> {
          Link link = links.get(drop.peer());
          if (link != null) {
            world.agenda().after(0, () -> lost(link));
          }
        }
      }
    }
  }
}
