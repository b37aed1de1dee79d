package dev.gvmi.node.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.HashSet;
import java.util.Set;

/**
 * What peers have shown themselves to be, for one image; outlives a fetch.
 *
 * <p><b>Thread:</b> any.
 */
public final class Standing {
  /** Peers remembered of each kind; no more are taken in. */
  static final int MAX_PEERS = 1024;

  private final Set<PeerId> honest = new HashSet<>();
  private final Set<PeerId> liars = new HashSet<>();
  private final Set<PeerId> banned = new HashSet<>();
  private final Set<ManifestId> falseManifests = new HashSet<>();

  private static <T> void add(Set<T> set, T element) {
    if (set.size() < MAX_PEERS) {
      set.add(element);
    }
  }

  /** The peer vouched for the true manifest and delivered under it. */
  public synchronized void proved(PeerId peer) {
    if (!liars.contains(peer)) {
      add(honest, peer);
    }
  }

  /** The peer vouched for what is false. */
  synchronized void lied(PeerId peer) {
    honest.remove(peer);
    add(liars, peer);
  }

  /** The peer sent wrong bytes. */
  synchronized void ban(PeerId peer) {
    honest.remove(peer);
    add(banned, peer);
  }

  /** The user names the peer anew: what it did before does not count. */
  public synchronized void forgive(PeerId peer) {
    liars.remove(peer);
    banned.remove(peer);
  }

  synchronized void foundFalse(ManifestId manifest) {
    add(falseManifests, manifest);
  }

  synchronized boolean isKnownFalse(ManifestId manifest) {
    return falseManifests.contains(manifest);
  }

  synchronized boolean isHonest(PeerId peer) {
    return honest.contains(peer);
  }

  synchronized boolean hasLied(PeerId peer) {
    return liars.contains(peer);
  }

  /** Whether the peer is not to be asked for this image. */
  public synchronized boolean isBanned(PeerId peer) {
    return banned.contains(peer);
  }
}
