package dev.gvmi.node;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.node.control.NodeService.FindRequest;
import dev.gvmi.node.control.NodeService.FindResult;
import dev.gvmi.node.control.NodeService.HolderSummary;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.discovery.Candidate;
import dev.gvmi.node.discovery.FoundBy;
import dev.gvmi.node.discovery.HolderFinder;
import dev.gvmi.node.discovery.HolderSearch;
import dev.gvmi.node.transfer.ManifestClient;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds who holds an image, and asks each of them. <b>Thread:</b> any; a virtual thread per peer.
 */
final class HolderList {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration DIAL = Duration.ofSeconds(4);
  private static final Duration PING = Duration.ofSeconds(1);
  private static final int ASKED_AT_ONCE = 32;
  private static final int MAX_ASKED = 512;
  private static final long LOOK_MILLIS = 10;

  private final Host host;
  private final HolderFinder finder;

  HolderList(Host host, HolderFinder finder) {
    this.host = host;
    this.finder = finder;
  }

  FindResult find(FindRequest request) throws InterruptedException {
    long start = System.nanoTime();
    ImageId image = Requests.id(Requests.image(request.image()));
    Round round = new Round(image);
    for (String text : request.peers()) {
      Multiaddr address = Requests.peer(text);
      PeerId.of(address)
          .ifPresent(peer ->
              round.heardOf(new Candidate(peer, List.of(address.withoutP2p()), FoundBy.NAMED)));
    }
    host.peers().stream()
        .map(PeerInfo::id)
        .forEach(peer -> round.heardOf(new Candidate(peer, List.of(), FoundBy.CONNECTED)));
    Duration limit = Objects.requireNonNullElse(request.limit(), LIMIT);
    try (HolderSearch search = finder.search(image, round::heardOf)) {
      while (!(search.lookedEverywhere() && round.isOver())
          && System.nanoTime() - start < limit.toNanos()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } finally {
      round.stop();
    }
    return round.result((System.nanoTime() - start) / 1_000_000);
  }

  /** What one that holds it has answered. */
  private record Holder(ManifestClient.Held held, String address, @Nullable Long roundTripMicros) {}

  /** All that is asked for one image. */
  private final class Round {
    private final ImageId image;
    private final Map<PeerId, Thread> heardOf = new ConcurrentHashMap<>();
    private final Map<PeerId, Holder> holders = new ConcurrentHashMap<>();

    /** By what a peer is said to hold it: to be connected says less than anything else. */
    private final Map<PeerId, FoundBy> foundBy = new ConcurrentHashMap<>();

    private final Semaphore places = new Semaphore(ASKED_AT_ONCE);
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();

    Round(ImageId image) {
      this.image = image;
    }

    void heardOf(Candidate candidate) {
      PeerId peer = candidate.peer();
      foundBy.merge(peer, candidate.by(), (old, now) -> old == FoundBy.CONNECTED ? now : old);
      if (peer.equals(host.id()) || heardOf.size() >= MAX_ASKED) {
        return;
      }
      Thread thread =
          Thread.ofVirtual().name("find-" + peer.toShortString()).unstarted(() -> ask(candidate));
      if (heardOf.putIfAbsent(peer, thread) == null) {
        underWay.incrementAndGet();
        thread.start();
      }
    }

    private void ask(Candidate candidate) {
      try {
        places.acquire();
        try {
          host.connect(candidate.peer(), candidate.addresses(), DIAL);
          Optional<ManifestClient.Held> held = ManifestClient.ask(host, candidate.peer(), image);
          asked.incrementAndGet();
          held.ifPresent(it -> holders.put(candidate.peer(), holder(candidate.peer(), it)));
        } finally {
          places.release();
        }
      } catch (IOException e) {
        // it is not there, or is no peer of ours
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        underWay.decrementAndGet();
      }
    }

    private Holder holder(PeerId peer, ManifestClient.Held held) {
      String address = host.peer(peer).map(info -> info.remoteAddress().toString()).orElse("");
      return new Holder(held, address, roundTripMicros(peer));
    }

    /** At the end: how it was found may become known after it has answered. */
    private HolderSummary summary(PeerId peer, Holder holder) {
      return new HolderSummary(
          peer.toString(),
          peer.toShortString(),
          holder.address(),
          foundBy.getOrDefault(peer, FoundBy.CONNECTED).text(),
          holder.held().complete(),
          holder.held().manifest().toString(),
          holder.roundTripMicros());
    }

    private @Nullable Long roundTripMicros(PeerId peer) {
      try {
        return Ping.measure(host, peer, PING).toNanos() / 1000;
      } catch (IOException e) {
        return null;
      }
    }

    boolean isOver() {
      return underWay.get() == 0;
    }

    void stop() {
      heardOf.values().forEach(Thread::interrupt);
    }

    FindResult result(long elapsedMillis) {
      List<HolderSummary> all =
          holders.entrySet().stream()
              .map(entry -> summary(entry.getKey(), entry.getValue()))
              .sorted(
                  Comparator.comparing((HolderSummary holder) -> !holder.complete())
                      .thenComparing(HolderSummary::peerId))
              .toList();
      String message =
          all.isEmpty()
              ? "image " + image + " not found: " + asked.get() + " peers were asked"
              : "";
      return new FindResult(
          all.isEmpty() ? Outcome.NOT_FOUND : Outcome.COMPLETE,
          image.hex(),
          all,
          asked.get(),
          elapsedMillis,
          message);
    }
  }
}
