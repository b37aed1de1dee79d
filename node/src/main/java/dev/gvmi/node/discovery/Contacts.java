package dev.gvmi.node.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.bound.BoundedMap;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to peers that were heard of, a few at a time, and knows how each was found.
 *
 * <p><b>Thread:</b> any; a virtual thread per attempt.
 */
final class Contacts {
  private static final Logger LOG = LoggerFactory.getLogger(Contacts.class);
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final int DIALS = 8;

  /** Attempts under way or waiting; what is over is let go, and heard of again. */
  private static final int MAX_WAITING = 64;

  private static final int MAX_KNOWN = 1024;

  private final Host host;
  private final Semaphore dials = new Semaphore(DIALS);
  private final Set<PeerId> waiting = ConcurrentHashMap.newKeySet();

  @GuardedBy("this")
  private final Map<PeerId, FoundBy> found = BoundedMap.forgettingOldest(MAX_KNOWN);

  Contacts(Host host) {
    this.host = host;
  }

  /** Connects in the background, unless connected already or about to be. */
  void suggest(PeerId peer, List<Multiaddr> addresses, FoundBy by) {
    if (peer.equals(host.id()) || host.peer(peer).isPresent() || waiting.size() >= MAX_WAITING) {
      return;
    }
    note(peer, by);
    if (waiting.add(peer)) {
      Thread.ofVirtual()
          .name("contact-" + peer.toShortString())
          .start(() -> connect(peer, addresses));
    }
  }

  /**
   * Connects in the background to an address to start with; who is there is not always known
   * before.
   */
  void bootstrap(Multiaddr address) {
    Optional<PeerId> peer = PeerId.of(address);
    if (peer.isPresent()) {
      suggest(peer.get(), List.of(address.withoutP2p()), FoundBy.BOOTSTRAP);
      return;
    }
    Thread.ofVirtual()
        .name("bootstrap")
        .start(() ->
            attempt(address.toString(), () -> note(host.dial(address, DIAL), FoundBy.BOOTSTRAP)));
  }

  private void connect(PeerId peer, List<Multiaddr> addresses) {
    try {
      attempt(peer.toShortString(), () -> host.connect(peer, addresses, DIAL));
    } finally {
      waiting.remove(peer);
    }
  }

  /** Something that dials. */
  @FunctionalInterface
  private interface Dial {
    void run() throws IOException;
  }

  private void attempt(String name, Dial dial) {
    try {
      dials.acquire();
      try {
        dial.run();
      } finally {
        dials.release();
      }
    } catch (IOException e) {
      LOG.debug("{} is not there: {}", name, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The peer was found in this way, first. */
  synchronized void note(PeerId peer, FoundBy by) {
    found.putIfAbsent(peer, by);
  }

  synchronized Optional<FoundBy> foundBy(PeerId peer) {
    return Optional.ofNullable(found.get(peer));
  }
}
