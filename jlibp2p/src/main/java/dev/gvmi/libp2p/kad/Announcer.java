package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the nodes nearest to a key that this node provides it, for each key in its time.
 * <b>Thread:</b> any.
 */
final class Announcer {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
  private static final int KEYS_AT_ONCE = 4;
  private static final Duration LOOKUP = Duration.ofSeconds(60);
  private static final Duration TELL = Duration.ofSeconds(10);

  private final LockedNode node;
  private final KadClient client;
  private final InstantSource clock;
  private final Lookups lookups;
  private final Runnable ready;
  private final Semaphore permits = new Semaphore(KEYS_AT_ONCE);
  private final Set<KadKey> running = ConcurrentHashMap.newKeySet();

  /** Provided keys that a peer has taken since the start. */
  private final Set<KadKey> announced = ConcurrentHashMap.newKeySet();

  /** Finds the nodes nearest to a key. */
  @FunctionalInterface
  interface Lookups {
    List<KadPeer> closest(KadKey key, Duration limit) throws InterruptedException;
  }

  /** {@code ready} is told when it can take another key. */
  Announcer(
      LockedNode node, KadClient client, InstantSource clock, Lookups lookups, Runnable ready) {
    this.node = node;
    this.client = client;
    this.clock = clock;
    this.lookups = lookups;
    this.ready = ready;
  }

  /** Starts with the keys whose time has come, a few at a time. */
  void announceDue() {
    if (node.get(n -> n.table().size()) == 0) {
      return;
    }
    for (KadKey key : node.get(n -> n.provided().due(clock.instant(), 2 * KEYS_AT_ONCE))) {
      if (running.contains(key) || !permits.tryAcquire()) {
        continue;
      }
      running.add(key);
      Thread.ofVirtual().name("kad-announce").start(() -> announceAndRelease(key));
    }
  }

  private void announceAndRelease(KadKey key) {
    // the records count from when they were sent
    Instant begun = clock.instant();
    try {
      int told = announce(key);
      LOG.debug("announced {} to {} nodes", key, told);
      node.change(n -> {
        if (told > 0 && n.provided().contains(key)) {
          n.provided().announced(key, begun);
          announced.add(key);
        } else {
          n.provided().failed(key, clock.instant());
        }
      });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running.remove(key);
      permits.release();
      ready.run();
    }
  }

  /** Returns how many nodes have taken it. */
  private int announce(KadKey key) throws InterruptedException {
    List<KadPeer> closest = lookups.closest(key, LOOKUP);
    AtomicInteger told = new AtomicInteger();
    CountDownLatch left = new CountDownLatch(closest.size());
    for (KadPeer peer : closest) {
      Thread.ofVirtual()
          .name("kad-tell")
          .start(() -> {
            try {
              client.tell(peer, via -> request(key, via), TELL);
              told.incrementAndGet();
            } catch (IOException e) {
              LOG.debug("{} has not taken {}: {}", peer.id().toShortString(), key, e.toString());
            } finally {
              left.countDown();
            }
          });
    }
    left.await();
    return told.get();
  }

  private KadRequest request(KadKey key, Multiaddr via) {
    AddressScope scope = AddressScope.of(via).orElse(AddressScope.PUBLIC);
    KadPeer self = node.get(n -> n.self(scope));
    return new KadRequest.AddProvider(key, List.of(self));
  }

  void forget(KadKey key) {
    announced.remove(key);
  }

  int announced() {
    return announced.size();
  }
}
