package dev.gvmi.node.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.wire.Announcement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What connected peers said that they hold. Hints: a peer may say what it likes, so each has its
 * bounds and nothing is believed because of it.
 *
 * <p><b>Thread:</b> any; time comes in.
 */
final class Announcements {
  /** Images kept for each peer; what is over is not taken in. */
  static final int MAX_PER_PEER = 4096;

  /**
   * Messages that a peer may send at once, and in the long run: enough for all images it may list.
   */
  static final int BURST = 2 * MAX_PER_PEER / Announcement.MAX_ENTRIES;

  static final int PER_SECOND = 4;

  @GuardedBy("this")
  private final Map<PeerId, OfPeer> peers = new HashMap<>();

  @GuardedBy("this")
  private final Map<ImageId, Set<PeerId>> holders = new HashMap<>();

  private static final class OfPeer {
    final Map<ImageId, Announcement.Gained> images = new LinkedHashMap<>();
    double tokens = BURST;
    Instant at;

    OfPeer(Instant now) {
      this.at = now;
    }

    boolean takeToken(Instant now) {
      if (now.isAfter(at)) {
        double more = Duration.between(at, now).toMillis() * PER_SECOND / 1000.0;
        tokens = Math.min(BURST, tokens + more);
        at = now;
      }
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }

  /** Whether the peer may send one more message; counts it. */
  synchronized boolean admit(PeerId peer, Instant now) {
    return peers.computeIfAbsent(peer, p -> new OfPeer(now)).takeToken(now);
  }

  /**
   * Takes in what an admitted peer says; returns the images that it did not name before, or named
   * as partial and names as complete now.
   */
  synchronized List<ImageId> take(PeerId peer, Announcement announcement) {
    OfPeer of = peers.get(peer);
    if (of == null) {
      return List.of();
    }
    announcement.dropped().forEach(image -> drop(peer, of, image));
    List<ImageId> fresh = new ArrayList<>();
    for (Announcement.Gained gained : announcement.gained()) {
      Announcement.Gained before = of.images.get(gained.image());
      if (before == null && of.images.size() >= MAX_PER_PEER) {
        continue;
      }
      of.images.put(gained.image(), gained);
      holders.computeIfAbsent(gained.image(), i -> new LinkedHashSet<>()).add(peer);
      if (before == null || (gained.complete() && !before.complete())) {
        fresh.add(gained.image());
      }
    }
    return fresh;
  }

  private synchronized void drop(PeerId peer, OfPeer of, ImageId image) {
    if (of.images.remove(image) != null) {
      noLonger(peer, image);
    }
  }

  private synchronized void noLonger(PeerId peer, ImageId image) {
    holders.computeIfPresent(
        image,
        (i, who) -> {
          who.remove(peer);
          return who.isEmpty() ? null : who;
        });
  }

  /** The peer is gone, and what it said with it. */
  synchronized void forget(PeerId peer) {
    OfPeer of = peers.remove(peer);
    if (of != null) {
      of.images.keySet().forEach(image -> noLonger(peer, image));
    }
  }

  /** Who said that it holds the image, and did not take it back. */
  synchronized List<PeerId> holders(ImageId image) {
    return List.copyOf(holders.getOrDefault(image, Set.of()));
  }

  /** How many said that they hold all of the image. */
  synchronized int completeHolders(ImageId image) {
    int complete = 0;
    for (PeerId peer : holders(image)) {
      OfPeer of = peers.get(peer);
      Announcement.Gained said = of == null ? null : of.images.get(image);
      complete += said != null && said.complete() ? 1 : 0;
    }
    return complete;
  }

  /** Images named by connected peers. */
  synchronized int images() {
    return holders.size();
  }
}
