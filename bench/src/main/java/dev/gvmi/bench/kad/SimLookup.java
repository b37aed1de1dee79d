package dev.gvmi.bench.kad;

import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadLookup;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.LookupAction;
import dev.gvmi.libp2p.kad.routing.LookupConfig;
import dev.gvmi.libp2p.kad.routing.LookupEvent;
import dev.gvmi.libp2p.kad.routing.LookupGoal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** One lookup of a simulated node. */
final class SimLookup {
  private static final long TICK_MILLIS = 200;

  private final SimNode node;
  private final KadKey key;
  private final KadRequest request;
  private final KadLookup lookup;
  private final LookupConfig config;
  private final Runnable then;
  private final List<KadPeer> providers = new ArrayList<>();
  private final long startMillis;
  private OptionalLong firstLiving = OptionalLong.empty();
  private long endMillis;
  private int messages;

  SimLookup(SimNode node, KadKey key, LookupGoal goal, Runnable then) {
    this.node = node;
    this.key = key;
    this.config = node.network().scenario().lookup();
    this.request =
        goal instanceof LookupGoal.Providers
            ? new KadRequest.GetProviders(key)
            : new KadRequest.FindNode(key);
    this.lookup = new KadLookup(key, node.peer().id(), goal, config);
    this.then = then;
    this.startMillis = time().millis();
  }

  private VirtualTime time() {
    return node.network().time();
  }

  void start() {
    List<KadPeer> seeds = node.kad().table().closest(key.id(), config.k(), peer -> true);
    perform(lookup.start(seeds, time().now()));
    time().after(TICK_MILLIS, this::tick);
  }

  private void perform(List<LookupAction> actions) {
    for (LookupAction action : actions) {
      switch (action) {
        case LookupAction.Ask(KadPeer peer) -> ask(peer);
        case LookupAction.Deliver(KadPeer provider) -> found(provider);
        case LookupAction.Done _ -> {
          endMillis = time().millis();
          then.run();
        }
      }
    }
  }

  private void ask(KadPeer peer) {
    messages++;
    node.network().send(node, peer, request, answer -> answered(peer, answer), () -> failed(peer));
  }

  private void tick() {
    if (node.isUp() && !lookup.isDone()) {
      perform(lookup.on(new LookupEvent.Tick(), time().now()));
      time().after(TICK_MILLIS, this::tick);
    }
  }

  private void answered(KadPeer peer, KadAnswer answer) {
    node.answered(peer);
    perform(
        lookup.on(
            new LookupEvent.Answered(peer.id(), peer.addresses().getFirst(), answer),
            time().now()));
  }

  private void failed(KadPeer peer) {
    node.failed(peer.id());
    perform(lookup.on(new LookupEvent.Failed(peer.id()), time().now()));
  }

  private void found(KadPeer provider) {
    providers.add(provider);
    boolean lives = node.network().find(provider.id()).map(SimNode::isUp).orElse(false);
    if (lives && firstLiving.isEmpty()) {
      firstLiving = OptionalLong.of(time().millis() - startMillis);
    }
  }

  List<KadPeer> closest() {
    return lookup.closest();
  }

  boolean isDone() {
    return lookup.isDone();
  }

  int messages() {
    return messages;
  }

  int hops() {
    return lookup.hops();
  }

  /** How long it took to the first provider that is there. */
  OptionalLong firstLivingMillis() {
    return firstLiving;
  }

  long tookMillis() {
    return endMillis - startMillis;
  }
}
