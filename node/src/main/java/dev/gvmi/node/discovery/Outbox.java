package dev.gvmi.node.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.wire.Announcement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a peer is still to be told: of each image the last state only, so that it never holds more
 * than there are images.
 *
 * <p><b>Thread:</b> any.
 */
final class Outbox {
  @GuardedBy("this")
  private final Map<ImageId, Optional<Announcement.Gained>> pending = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean taken;

  /** An image is here; instead of what was to be told of it. */
  synchronized void gained(Announcement.Gained image) {
    pending.remove(image.image());
    if (pending.size() < Announcements.MAX_PER_PEER) {
      pending.put(image.image(), Optional.of(image));
    }
  }

  synchronized void dropped(ImageId image) {
    pending.remove(image);
    pending.put(image, Optional.empty());
  }

  /**
   * True for one caller, who sends until it has {@link #finished}; false while another one does, or
   * nothing is to be told.
   */
  synchronized boolean beginToSend() {
    if (taken || pending.isEmpty()) {
      return false;
    }
    taken = true;
    return true;
  }

  /** Whether all is told: then the outbox is free for another sender. */
  synchronized boolean finished() {
    taken = !pending.isEmpty();
    return !taken;
  }

  /** The next message, the oldest news first; empty when there is none now. */
  synchronized Optional<Announcement> next() {
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    List<Announcement.Gained> gained = new ArrayList<>();
    List<ImageId> dropped = new ArrayList<>();
    Iterator<Map.Entry<ImageId, Optional<Announcement.Gained>>> all = pending.entrySet().iterator();
    while (all.hasNext() && gained.size() + dropped.size() < Announcement.MAX_ENTRIES) {
      Map.Entry<ImageId, Optional<Announcement.Gained>> entry = all.next();
      entry.getValue().ifPresentOrElse(gained::add, () -> dropped.add(entry.getKey()));
      all.remove();
    }
    return Optional.of(new Announcement(gained, dropped));
  }

  /** The peer cannot be told: what was left is of no use. */
  synchronized void giveUp() {
    pending.clear();
    taken = false;
  }
}
