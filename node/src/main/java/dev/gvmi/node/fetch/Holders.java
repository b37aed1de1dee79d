package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.node.transfer.ManifestClient.Offer;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Looks for those who hold an image, all at once, and goes on looking while the fetch runs: a peer that was not there, had
 * nothing, or left is asked again.
 *
 * <p><b>Thread:</b> a virtual thread per peer; the methods are the fetching thread's.
 */
final class Holders implements AutoCloseable {
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Host host;
  private final ImageId image;
  private final ProgressSink sink;
  private final LinkedBlockingQueue<Offer> offers = new LinkedBlockingQueue<>();
  private final List<Offer> waiting = new ArrayList<>();
  private final Map<ManifestId, Manifest> manifests = new ConcurrentHashMap<>();
  private final Set<ManifestId> disbelieved = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> banned = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> linked = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
  private final CountDownLatch firstRound;

  /** With one only, what is wrong with it is how the search ends. */
  private final boolean isOneOfSeveral;
  private final List<Thread> hunts = new ArrayList<>();

  private Holders(Host host, ImageId image, ProgressSink sink, int hunts) {
    this.host = host;
    this.image = image;
    this.sink = sink;
    this.firstRound = new CountDownLatch(hunts);
    this.isOneOfSeveral = hunts > 1;
  }

  static Holders search(Host host, ImageId image, List<Multiaddr> peers, ProgressSink sink) {
    Set<PeerId> named = new LinkedHashSet<>();
    peers.forEach(address -> PeerId.of(address).ifPresent(named::add));
    List<PeerInfo> connected =
        host.peers().stream().filter(peer -> !named.contains(peer.id())).toList();
    Holders holders = new Holders(host, image, sink, peers.size() + connected.size());
    peers.forEach(address -> holders.hunt(() -> host.dial(address, DIAL), address.toString()));
    connected.forEach(
        peer -> holders.hunt(() -> connectedStill(host, peer), peer.id().toString()));
    return holders;
  }

  private static PeerId connectedStill(Host host, PeerInfo peer) throws IOException {
    if (host.peer(peer.id()).isEmpty()) {
      throw new IOException("no longer connected to " + peer.id().toShortString());
    }
    return peer.id();
  }

  /** Connects, or finds that it is connected. */
  @FunctionalInterface
  private interface Connect {
    PeerId connect() throws IOException;
  }

  private void hunt(Connect connect, String name) {
    hunts.add(Thread.ofVirtual().name("hunt-" + name).start(() -> hunt(connect)));
  }

  private void hunt(Connect connect) {
    boolean first = true;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        ask(connect, first);
        if (first) {
          firstRound.countDown();
          first = false;
        }
        TimeUnit.NANOSECONDS.sleep(AGAIN.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask(Connect connect, boolean tell) {
    try {
      PeerId peer = connect.connect();
      if (linked.contains(peer) || banned.contains(peer)) {
        return;
      }
      boolean speaks =
          host.peer(peer).map(info -> info.protocols().contains(Protocols.MANIFEST)).orElse(false);
      Optional<Offer> offer =
          speaks
              ? ManifestClient.ask(
                  host, peer, image, id -> Optional.ofNullable(manifests.get(id)))
              : Optional.empty();
      if (offer.isEmpty()) {
        reasons.add(peer + " does not hold it");
        return;
      }
      manifests.putIfAbsent(offer.get().manifest().id(), offer.get().manifest());
      linked.add(peer);
      offers.add(offer.get());
    } catch (IOException e) {
      if (tell) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        reasons.add(reason);
        if (isOneOfSeveral) {
          sink.note(reason);
        }
      }
    }
  }

  /** The next offer of a manifest that is believed; empty when all have been asked and there is none. */
  Optional<Offer> awaitOffer() throws InterruptedException {
    for (Offer offer : List.copyOf(waiting)) {
      if (isBelieved(offer)) {
        return Optional.of(offer);
      }
    }
    while (true) {
      boolean allAsked = firstRound.getCount() == 0;
      Offer offer = offers.poll(allAsked ? 0 : 20, TimeUnit.MILLISECONDS);
      if (offer != null) {
        waiting.add(offer);
        if (isBelieved(offer)) {
          return Optional.of(offer);
        }
      } else if (allAsked) {
        return Optional.empty();
      }
    }
  }

  private boolean isBelieved(Offer offer) {
    return !disbelieved.contains(offer.manifest().id()) && !banned.contains(offer.peer());
  }

  /** Takes the offers of this manifest that have come. */
  List<Offer> takeOffers(ManifestId manifest) {
    offers.drainTo(waiting);
    List<Offer> taken =
        waiting.stream()
            .filter(offer -> offer.manifest().id().equals(manifest))
            .filter(this::isBelieved)
            .toList();
    waiting.removeIf(offer -> offer.manifest().id().equals(manifest));
    return taken;
  }

  /** The peer is no source any more, for now: it is asked again. */
  void left(PeerId peer) {
    linked.remove(peer);
  }

  /** The peer sent wrong bytes: it is not asked again for this image. */
  void ban(PeerId peer) {
    banned.add(peer);
    linked.remove(peer);
  }

  /** The manifest is false: nobody who offers it is believed. */
  void disbelieve(ManifestId manifest) {
    disbelieved.add(manifest);
    linked.clear();
  }

  /** Why nobody was found, in one line. */
  String whyNone() {
    return reasons.isEmpty()
        ? "no peer was asked: name one with --peer"
        : String.join("; ", new LinkedHashSet<>(reasons));
  }

  @Override
  public void close() {
    hunts.forEach(Thread::interrupt);
  }
}
