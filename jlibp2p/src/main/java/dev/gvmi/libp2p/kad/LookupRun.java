package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.kad.KadClient.Reached;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadLookup;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.LookupAction;
import dev.gvmi.libp2p.kad.routing.LookupConfig;
import dev.gvmi.libp2p.kad.routing.LookupEvent;
import dev.gvmi.libp2p.kad.routing.LookupGoal;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One lookup over the network: does what {@link KadLookup} decides. <b>Thread:</b> the caller's;
 * each request has a virtual one.
 */
final class LookupRun {
  private static final long TICK_MILLIS = 200;

  private final KadClient client;
  private final TableKeeper keeper;
  private final LookupConfig config;
  private final InstantSource clock;
  private final KadLookup lookup;
  private final KadRequest request;
  private final Consumer<KadPeer> found;

  /** As many as requests that are in flight: {@link KadLookup} bounds them. */
  private final BlockingQueue<LookupEvent> events = new LinkedBlockingQueue<>();

  LookupRun(
      KadKey key,
      PeerId self,
      LookupGoal goal,
      LookupConfig config,
      Parts parts,
      Consumer<KadPeer> found) {
    this.client = parts.client();
    this.keeper = parts.keeper();
    this.clock = parts.clock();
    this.config = config;
    this.lookup = new KadLookup(key, self, goal, config);
    this.request =
        goal instanceof LookupGoal.Providers
            ? new KadRequest.GetProviders(key)
            : new KadRequest.FindNode(key);
    this.found = found;
  }

  /** What all lookups of a node share. */
  record Parts(KadClient client, TableKeeper keeper, InstantSource clock) {}

  /** Runs to its end, or to the deadline; returns the nearest peers that answered until then. */
  List<KadPeer> run(List<KadPeer> seeds, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    perform(lookup.start(seeds, clock.instant()));
    while (!lookup.isDone()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        break;
      }
      LookupEvent event = events.poll(Math.min(left, TICK_MILLIS), TimeUnit.MILLISECONDS);
      perform(lookup.on(event == null ? new LookupEvent.Tick() : event, clock.instant()));
    }
    return lookup.closest();
  }

  KadLookup lookup() {
    return lookup;
  }

  private void perform(List<LookupAction> actions) {
    for (LookupAction action : actions) {
      switch (action) {
        case LookupAction.Ask(KadPeer peer) ->
            Thread.ofVirtual().name("kad-ask").start(() -> ask(peer));
        case LookupAction.Deliver(KadPeer provider) -> found.accept(provider);
        case LookupAction.Done _ -> {
          // The loop ends.
        }
      }
    }
  }

  private void ask(KadPeer peer) {
    try {
      Reached reached = client.ask(peer, request, config.giveUpAfter());
      keeper.answered(peer.id(), reached.via());
      events.add(new LookupEvent.Answered(peer.id(), reached.via(), reached.answer()));
    } catch (KadClient.BusyException e) {
      events.add(new LookupEvent.Failed(peer.id()));
    } catch (IOException e) {
      keeper.failed(peer.id());
      events.add(new LookupEvent.Failed(peer.id()));
    }
  }
}
