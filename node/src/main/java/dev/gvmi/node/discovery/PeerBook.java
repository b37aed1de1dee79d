package dev.gvmi.node.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Peers that speak our protocols and were connected, to be dialled first after a restart. Those
 * seen longest ago make room.
 *
 * <p><b>Thread:</b> any; time comes in.
 */
final class PeerBook {
  static final int MAX_PEERS = 256;

  /** A peer that stays connected is written again after so long. */
  private static final Duration REWRITE = Duration.ofMinutes(10);

  /** Who was not seen for so long has moved, or is gone. */
  private static final Duration KEEP = Duration.ofDays(30);

  private final PeerStore store;

  @GuardedBy("this")
  private final Map<PeerId, RememberedPeer> peers = new HashMap<>();

  PeerBook(PeerStore store, Instant now) {
    this.store = store;
    for (RememberedPeer peer : store.peers()) {
      if (peer.lastSeen().isBefore(now.minus(KEEP))) {
        store.remove(peer.peer());
      } else {
        peers.put(peer.peer(), peer);
      }
    }
  }

  /** A peer of ours is connected. */
  synchronized void seen(PeerInfo info, Instant now) {
    RememberedPeer before = peers.get(info.id());
    List<Multiaddr> addresses = addresses(info);
    if (addresses.isEmpty() || (before != null && isFresh(before, addresses, now))) {
      return;
    }
    RememberedPeer peer = new RememberedPeer(info.id(), addresses, now);
    peers.put(peer.peer(), peer);
    store.put(peer);
    while (peers.size() > MAX_PEERS) {
      longestAgo().ifPresent(this::forget);
    }
  }

  private static boolean isFresh(RememberedPeer before, List<Multiaddr> addresses, Instant now) {
    return before.addresses().equals(addresses) && now.isBefore(before.lastSeen().plus(REWRITE));
  }

  /**
   * The one that we dialled, which works, then those it lists that are as far from here as it is.
   */
  private static List<Multiaddr> addresses(PeerInfo info) {
    Set<Multiaddr> all = new LinkedHashSet<>();
    if (!info.inbound()) {
      all.add(info.remoteAddress().withoutP2p());
    }
    AddressScope from = AddressScope.of(info.remoteAddress()).orElse(AddressScope.PUBLIC);
    info.listenAddresses().stream()
        .map(Multiaddr::withoutP2p)
        .filter(from::reaches)
        .forEach(all::add);
    return all.stream().limit(RememberedPeer.MAX_ADDRESSES).toList();
  }

  private synchronized Optional<PeerId> longestAgo() {
    return peers.values().stream()
        .min(Comparator.comparing(RememberedPeer::lastSeen))
        .map(RememberedPeer::peer);
  }

  synchronized void forget(PeerId peer) {
    if (peers.remove(peer) != null) {
      store.remove(peer);
    }
  }

  /** At most so many, those seen last first. */
  synchronized List<RememberedPeer> best(int most) {
    return peers.values().stream()
        .sorted(Comparator.comparing(RememberedPeer::lastSeen).reversed())
        .limit(most)
        .toList();
  }

  synchronized int size() {
    return peers.size();
  }
}
