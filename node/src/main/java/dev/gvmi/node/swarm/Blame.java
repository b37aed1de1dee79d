package dev.gvmi.node.swarm;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.protocol.image.ImageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who was found out, for which image and why: for people to read. What follows from it is decided
 * by {@link Standing} and {@link GroupBans}.
 *
 * <p><b>Thread:</b> any; time comes in.
 */
public final class Blame {
  /** Entries remembered; the oldest is forgotten first. */
  static final int MAX_ENTRIES = 256;

  /** What a peer did. */
  public enum Offence {
    /**
     * The peer is not asked for the image again, and its group not for an hour after three such
     * bans.
     */
    WRONG_BYTES,
    /** The peer's word on the image counts less than that of others. */
    FALSE_MANIFEST
  }

  /** One peer, for one image; the latest of its kind. */
  public record Entry(PeerId peer, ImageId image, Offence offence, Instant at) {}

  private record Key(PeerId peer, ImageId image, Offence offence) {}

  private final Map<Key, Entry> entries = BoundedMap.forgettingOldest(MAX_ENTRIES);

  /** The peer was found out now. */
  public synchronized void add(PeerId peer, ImageId image, Offence offence, Instant now) {
    Key key = new Key(peer, image, offence);
    entries.remove(key);
    entries.put(key, new Entry(peer, image, offence, now));
  }

  /** The user names the peer anew for the image: what it did before does not count. */
  public synchronized void forgive(PeerId peer, ImageId image) {
    entries.keySet().removeIf(key -> key.peer().equals(peer) && key.image().equals(image));
  }

  /** The latest first. */
  public synchronized List<Entry> entries() {
    return new ArrayList<>(entries.values()).reversed();
  }
}
