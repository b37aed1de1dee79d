package dev.gvmi.bench.kad;

import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadNode;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Carries requests between simulated nodes, with delays, and loses those to nodes that are gone.
 */
final class SimNetwork {
  /** One way, from the least to the most. */
  private static final int LEAST_DELAY = 10;

  private static final int DELAY_SPREAD = 100;

  /** Connecting takes two more round trips than asking. */
  private static final int FLIGHTS = 6;

  /** After which a dial to one that is gone fails. */
  private static final long DIAL_MILLIS = 4_000;

  /** Of the addresses; all that begin so are public. */
  private static final int FIRST_BYTE = 20;

  private final Scenario scenario;
  private final VirtualTime time = new VirtualTime();
  private final Random random;
  private final Map<PeerId, SimNode> nodes = new HashMap<>();
  private int addresses;

  SimNetwork(Scenario scenario) {
    this.scenario = scenario;
    this.random = new Random(scenario.seed());
  }

  Scenario scenario() {
    return scenario;
  }

  VirtualTime time() {
    return time;
  }

  Random random() {
    return random;
  }

  Optional<SimNode> find(PeerId peer) {
    return Optional.ofNullable(nodes.get(peer));
  }

  /** A new node at an address of a group of its own. */
  SimNode add(SimNode.Behaviour behaviour) {
    addresses++;
    String group =
        "%d.%d.%d"
            .formatted(FIRST_BYTE + (addresses >> 16), addresses >> 8 & 0xff, addresses & 0xff);
    return add(PeerId.of(hash()), "/ip4/" + group + ".1/tcp/4001", behaviour);
  }

  SimNode add(PeerId id, String address, SimNode.Behaviour behaviour) {
    KadPeer peer = KadPeer.of(id, List.of(Multiaddr.parse(address)));
    SimNode node = new SimNode(this, peer, behaviour);
    nodes.put(id, node);
    return node;
  }

  void forget(SimNode node) {
    nodes.remove(node.peer().id());
  }

  Multihash hash() {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return Multihash.of(Multihash.SHA2_256, digest);
  }

  KadKey key() {
    return KadKey.of(hash());
  }

  /** Sends a request; one of the two is called, unless the sender is gone by then. */
  void send(
      SimNode from, KadPeer to, KadRequest request, Consumer<KadAnswer> answered, Runnable failed) {
    long flight = LEAST_DELAY + (long) random.nextInt(DELAY_SPREAD);
    SimNode target = nodes.get(to.id());
    if (target == null || !target.isUp()) {
      time.after(DIAL_MILLIS, () -> ifUp(from, failed));
      return;
    }
    time.after(
        (FLIGHTS - 1) * flight,
        () -> {
          if (!target.isUp()) {
            time.after(DIAL_MILLIS, () -> ifUp(from, failed));
            return;
          }
          KadNode.Reply reply = target.receive(request, from);
          time.after(flight, () -> ifUp(from, () -> deliver(reply, answered, failed)));
        });
  }

  private static void deliver(KadNode.Reply reply, Consumer<KadAnswer> answered, Runnable failed) {
    switch (reply) {
      case KadNode.Reply.Answer(KadAnswer answer) -> answered.accept(answer);
      case KadNode.Reply.Silence() -> answered.accept(KadAnswer.EMPTY);
      case KadNode.Reply.Refusal _ -> failed.run();
    }
  }

  private static void ifUp(SimNode node, Runnable action) {
    if (node.isUp()) {
      action.run();
    }
  }

  /** Asks whether a node is there, for the asker's table. */
  void check(SimNode asker, SimNode whom) {
    send(
        asker,
        whom.peer(),
        new KadRequest.Ping(),
        answer -> asker.answered(whom.peer()),
        () -> asker.failed(whom.peer().id()));
  }
}
