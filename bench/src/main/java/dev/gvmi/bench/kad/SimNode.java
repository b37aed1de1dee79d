package dev.gvmi.bench.kad;

import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadNode;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.LookupGoal;
import dev.gvmi.libp2p.kad.routing.MemoryProviderStore;
import dev.gvmi.libp2p.kad.routing.ProvideSchedule;
import dev.gvmi.libp2p.kad.routing.ProviderLimits;
import dev.gvmi.libp2p.kad.routing.ProviderRecords;
import dev.gvmi.libp2p.kad.routing.RoutingTable;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * A node of the simulated network: what the service does with threads and streams, done with
 * events.
 */
final class SimNode {
  private static final long UPKEEP_MILLIS = 60_000;
  private static final int UNSURE_PER_ROUND = 8;
  private static final int LAST_REFRESHED = 15;

  private final SimNetwork network;
  private final KadPeer peer;
  private final KadNode kad;
  private final Behaviour behaviour;
  private boolean up = true;
  private boolean refreshing;
  private long received;

  /** How a node answers. */
  interface Behaviour {
    KadNode.Reply answer(SimNode node, KadRequest request, SimNode asker);
  }

  /** As the library does. */
  static final Behaviour HONEST =
      (node, request, asker) ->
          node.kad.answer(request, asker.peer.id(), asker.address(), node.network.time().now());

  SimNode(SimNetwork network, KadPeer peer, Behaviour behaviour) {
    this.network = network;
    this.peer = peer;
    this.behaviour = behaviour;
    MemoryProviderStore store = new MemoryProviderStore();
    Instant now = network.time().now();
    this.kad =
        new KadNode(
            peer.id(),
            network.scenario().table(),
            new ProviderRecords(ProviderLimits.DEFAULT, store, now),
            new ProvideSchedule(peer.point(), Duration.ofHours(1), Duration.ofMinutes(1), store),
            peer::addresses);
  }

  KadPeer peer() {
    return peer;
  }

  KadNode kad() {
    return kad;
  }

  SimNetwork network() {
    return network;
  }

  Multiaddr address() {
    return peer.addresses().getFirst();
  }

  boolean isUp() {
    return up;
  }

  void leave() {
    up = false;
  }

  /** Requests that it got. */
  long received() {
    return received;
  }

  void resetReceived() {
    received = 0;
  }

  /** Takes a request; a server that asks is a peer to know. */
  KadNode.Reply receive(KadRequest request, SimNode asker) {
    received++;
    if (kad.table().find(asker.peer.id()).isEmpty()
        && kad.table().wants(asker.peer, asker.address())) {
      network.check(this, asker);
    }
    return behaviour.answer(this, request, asker);
  }

  void answered(KadPeer by) {
    RoutingTable table = kad.table();
    table.offer(by, by.addresses().getFirst(), network.time().now());
  }

  void failed(PeerId who) {
    kad.table().failed(who);
  }

  /** Learns of the network from one that is in it. */
  void join(SimNode first) {
    answered(first.peer);
    refresh();
    network.time().after(network.random().nextLong(UPKEEP_MILLIS), this::upkeep);
  }

  private void upkeep() {
    if (!up) {
      return;
    }
    Instant now = network.time().now();
    kad.provided().due(now, 16).forEach(this::announce);
    kad.records().expire(now);
    kad.table().unsure(now, UNSURE_PER_ROUND).stream()
        .flatMap(p -> network.find(p.id()).stream())
        .forEach(p -> network.check(this, p));
    if (!refreshing) {
      refresh();
    }
    network.time().after(UPKEEP_MILLIS, this::upkeep);
  }

  private void refresh() {
    Instant now = network.time().now();
    refreshing = true;
    if (kad.table().isStale(now)) {
      kad.table().refreshed(now);
      lookup(KadKey.of(peer.id()), new LookupGoal.Closest(), this::refreshBuckets);
    } else {
      refreshBuckets();
    }
  }

  private void refreshBuckets() {
    refreshNext(new ArrayDeque<>(kad.table().stale(network.time().now(), LAST_REFRESHED)));
  }

  private void refreshNext(Queue<Integer> stale) {
    Integer bucket = stale.poll();
    if (bucket == null) {
      refreshing = false;
      return;
    }
    kad.table().refreshed(bucket, network.time().now());
    KadKey key = KadKey.random(peer.point(), bucket, network.random());
    lookup(key, new LookupGoal.Closest(), () -> refreshNext(stale));
  }

  SimLookup lookup(KadKey key, LookupGoal goal, Runnable then) {
    SimLookup lookup = new SimLookup(this, key, goal, then);
    lookup.start();
    return lookup;
  }

  void provide(KadKey key) {
    kad.provided().add(key, network.time().now());
    announce(key);
  }

  private void announce(KadKey key) {
    kad.provided().announced(key, network.time().now());
    SimLookup[] self = new SimLookup[1];
    self[0] =
        new SimLookup(this, key, new LookupGoal.Closest(), () -> tell(key, self[0].closest()));
    self[0].start();
  }

  private void tell(KadKey key, List<KadPeer> closest) {
    KadRequest add = new KadRequest.AddProvider(key, List.of(peer));
    for (KadPeer to : closest) {
      network.send(this, to, add, answer -> {}, () -> {});
    }
  }
}
