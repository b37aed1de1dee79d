package dev.gvmi.bench.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.Geometry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node: its line, what it holds, whom it is connected to and serves, and its fetch. */
final class SwarmNode {
  /** As in the limits of a host. */
  private static final int MAX_INBOUND = 192;

  private static final int MAX_CONNECTIONS = 256;

  /** From the first packet of a dial to the answer whether the image is held. */
  private static final int FLIGHTS = 10;

  private static final Duration DIAL = Duration.ofSeconds(4);

  /** Holders in one message. */
  private static final int MAX_TOLD = 16;

  private final World world;
  private final PeerId id;
  private final Line line;
  private final Uplink uplink;
  private final BitSet stored = new BitSet();
  private final BitSet told = new BitSet();

  /** What was handed to somebody; of it the followers were not told of this. */
  private final BitSet handed = new BitSet();

  private final BitSet handedLately = new BitSet();
  private final Counters counters = new Counters();

  /** In the order they came, so that a run can be repeated. */
  private final Set<Link> followers = new LinkedHashSet<>();

  private final Set<SwarmNode> connected = new LinkedHashSet<>();
  private final List<SwarmNode> announced = new ArrayList<>();
  private int inbound;
  private double lineFreeAt;
  private boolean up = true;
  private boolean answers = true;
  private boolean corrupts;
  private @Nullable Fetch fetch;

  SwarmNode(World world, Line line) {
    this.world = world;
    this.id = world.newId();
    this.line = line;
    this.uplink = new Uplink(world.agenda(), line.up());
  }

  PeerId id() {
    return id;
  }

  Line line() {
    return line;
  }

  Uplink uplink() {
    return uplink;
  }

  Counters counters() {
    return counters;
  }

  Geometry geometry() {
    return world.geometry();
  }

  BitSet stored() {
    return stored;
  }

  Optional<Fetch> fetch() {
    return Optional.ofNullable(fetch);
  }

  boolean isUp() {
    return up;
  }

  boolean corrupts() {
    return corrupts;
  }

  /** It holds all of the image. */
  void seed() {
    stored.set(0, geometry().chunkCount());
    told.or(stored);
    world.agenda().after(world.telling().toNanos(), this::tellHolders);
  }

  /** It says that it holds all of the image, and sends other bytes. */
  void corrupt() {
    corrupts = true;
    seed();
    announce();
  }

  void begin(Fetch.Done done) {
    fetch = new Fetch(world, this, done);
    fetch.begin();
    world.agenda().after(world.telling().toNanos(), this::tellGained);
  }

  /**
   * In how many nanoseconds bytes are here that come to this end of the line after {@code latency}.
   */
  long arrival(long latency, int bytes) {
    double at = Math.max(lineFreeAt, (double) (world.agenda().now() + latency));
    lineFreeAt = at + bytes / line.down() * 1e9;
    return (long) lineFreeAt - world.agenda().now();
  }

  void arrived(Link link, int chunk) {
    if (fetch != null && up) {
      fetch.arrived(link, chunk);
    }
  }

  // ---- connections ----

  /** Connects and asks; whether it will be a source is seen later. */
  void dial(SwarmNode other, Runnable failed) {
    if (connected.contains(other)) {
      use(other, failed);
      return;
    }
    long latency = line.latencyNanos() + other.line.latencyNanos();
    if (!other.answers || !other.up) {
      world.agenda().after(DIAL.toNanos(), failed);
      return;
    }
    world
        .agenda()
        .after(
            FLIGHTS * latency,
            () -> {
              if (other.isFull() || !other.up || !up) {
                failed.run();
                return;
              }
              connect(other);
              use(other, failed);
            });
  }

  private boolean isFull() {
    return inbound >= MAX_INBOUND || connected.size() >= MAX_CONNECTIONS;
  }

  private void connect(SwarmNode other) {
    if (connected.add(other)) {
      other.connected.add(this);
      other.inbound++;
      counters.announcements++;
      other.counters.announcements++;
      hear(other);
      other.hear(this);
    }
  }

  /** What the other holds. */
  private void hear(SwarmNode other) {
    if (!other.stored.isEmpty() && !announced.contains(other)) {
      announced.add(other);
      use(other, () -> {});
    }
  }

  private void use(SwarmNode other, Runnable otherwise) {
    if (fetch == null || !fetch.take(other)) {
      otherwise.run();
    }
  }

  /** All that are connected hear that some of the image is here, and so does the DHT. */
  void announce() {
    world.provide(this);
    for (SwarmNode other : connected) {
      counters.announcements++;
      world.agenda().after(line.latencyNanos() + other.line.latencyNanos(), () -> other.hear(this));
    }
  }

  /** Opens both streams to it. */
  Link follow(SwarmNode server) {
    Link link = new Link(this, server, world.agenda());
    server.followers.add(link);
    server.counters.haves++;
    BitSet now = (BitSet) server.told.clone();
    BitSet before = (BitSet) server.handed.clone();
    world
        .agenda()
        .after(
            2 * link.latencyNanos(),
            () -> {
              link.fetcher.handed(link, before);
              link.fetcher.told(link, now);
            });
    return link;
  }

  void unfollow(Link link) {
    followers.remove(link);
  }

  // ---- what it tells ----

  private void tellGained() {
    if (!up) {
      return;
    }
    if (stored.cardinality() > told.cardinality()) {
      BitSet fresh = (BitSet) stored.clone();
      fresh.andNot(told);
      told.or(fresh);
      tell(fresh);
    }
    tellHolders(fetch != null && fetch.isRunning() ? this::tellGained : this::tellHolders);
  }

  /** Somebody is about to be sent these chunks. When all were, it begins anew. */
  void handing(int first, int count) {
    for (int i = first; i < first + count; i++) {
      if (!handed.get(i)) {
        handed.set(i);
        handedLately.set(i);
      }
    }
    if (handed.cardinality() == geometry().chunkCount()) {
      handed.clear();
    }
  }

  private void tellHanded() {
    if (handedLately.isEmpty() || !answers) {
      return;
    }
    BitSet fresh = (BitSet) handedLately.clone();
    handedLately.clear();
    for (Link link : followers) {
      counters.haves++;
      world.agenda().after(link.latencyNanos(), () -> link.fetcher.handed(link, fresh));
    }
  }

  private void handed(Link link, BitSet chunks) {
    if (fetch != null) {
      fetch.handed(link, chunks);
    }
  }

  private void tell(BitSet fresh) {
    if (!answers) {
      return;
    }
    for (Link link : followers) {
      counters.haves++;
      world.agenda().after(link.latencyNanos(), () -> link.fetcher.told(link, fresh));
    }
  }

  private void told(Link link, BitSet fresh) {
    if (fetch != null) {
      fetch.told(link, fresh);
    }
  }

  private void tellHolders() {
    tellHolders(this::tellHolders);
  }

  private void tellHolders(Runnable again) {
    if (!up || !answers) {
      return;
    }
    tellHanded();
    for (Link link : List.copyOf(followers)) {
      List<SwarmNode> others = link.toTell(announced, MAX_TOLD);
      if (!others.isEmpty()) {
        counters.haves++;
        world.agenda().after(link.latencyNanos(), () -> link.fetcher.heardOf(others));
      }
    }
    world.agenda().after(world.telling().toNanos(), again);
  }

  private void heardOf(List<SwarmNode> others) {
    if (fetch != null && up) {
      fetch.heardOf(others);
    }
  }

  // ---- how it ends ----

  /** It sends nothing any more, and keeps its connections. */
  void stall() {
    answers = false;
    uplink.stop();
    if (fetch != null) {
      fetch.stop();
    }
  }

  /** It is gone; those that are connected are told by its system. */
  void kill() {
    stall();
    up = false;
    for (Link link : List.copyOf(followers)) {
      world.agenda().after(link.latencyNanos(), () -> link.fetcher.lost(link));
    }
    for (SwarmNode other : List.copyOf(connected)) {
      other.disconnected(this);
    }
  }

  private void disconnected(SwarmNode other) {
    if (connected.remove(other)) {
      announced.remove(other);
      inbound--;
    }
  }

  private void lost(Link link) {
    if (fetch != null) {
      fetch.lost(link);
    }
  }
}
