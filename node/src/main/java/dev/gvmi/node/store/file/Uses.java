package dev.gvmi.node.store.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When images were used last, which are pinned, and which are leased.
 *
 * <p>A use is written to the index only when what is there is {@link #COARSE} old, and at the end:
 * a crash makes images seem older by that, and costs nothing else. A pin is written at once. Leases
 * are in memory only.
 *
 * <p><b>Thread:</b> those that write to the index the store's; the others any.
 */
final class Uses {
  private static final Logger LOG = LoggerFactory.getLogger(Uses.class);
  private static final Duration SAME = Duration.ofMillis(100);
  static final Duration COARSE = Duration.ofMinutes(10);

  private final StoreIndex index;
  private final InstantSource clock;

  @GuardedBy("this")
  private final Map<ImageId, UseRow> rows = new HashMap<>();

  /** As they are in the index. */
  @GuardedBy("this")
  private final Map<ImageId, UseRow> written = new HashMap<>();

  @GuardedBy("this")
  private final Map<ImageId, Integer> leases = new HashMap<>();

  @GuardedBy("this")
  private final Set<ImageId> retired = new HashSet<>();

  Uses(StoreIndex index, InstantSource clock) {
    this.index = index;
    this.clock = clock;
    for (UseRow row : index.uses()) {
      rows.put(row.image(), row);
      written.put(row.image(), row);
    }
  }

  synchronized boolean isPinned(ImageId image) {
    UseRow row = rows.get(image);
    return row != null && row.pinned();
  }

  /** When it was used, if that is known. */
  synchronized Optional<Instant> lastUsed(ImageId image) {
    return Optional.ofNullable(rows.get(image)).map(UseRow::lastUsed);
  }

  /** The image is used now. True if the index should learn of it: see {@link #write}. */
  synchronized boolean touch(ImageId image) {
    Instant now = clock.instant();
    UseRow known = rows.get(image);
    if (known != null && isJustNow(known.lastUsed(), now)) {
      return false;
    }
    rows.put(image, known == null ? new UseRow(image, false, now) : known.at(now));
    UseRow there = written.get(image);
    return there == null
        || !now.isBefore(there.lastUsed().plus(COARSE))
        || now.isBefore(there.lastUsed());
  }

  void pin(ImageId image, boolean pinned) {
    synchronized (this) {
      rows.put(image, new UseRow(image, pinned, clock.instant()));
    }
    write(image);
  }

  /**
   * Writes what is known of an image. A row only orders images: where none can be written, on a
   * full disk say, a pin fails and a use is forgotten.
   */
  void write(ImageId image) {
    UseRow row;
    synchronized (this) {
      row = rows.get(image);
      if (row == null) {
        return;
      }
    }
    index.putUse(row);
    synchronized (this) {
      written.put(image, row);
    }
  }

  /** Of an image that is not here any more. */
  void forget(ImageId image) {
    boolean there;
    synchronized (this) {
      rows.remove(image);
      there = written.remove(image) != null;
    }
    if (there) {
      index.removeUse(image);
    }
  }

  /** Forgets all but these. */
  void retain(Set<ImageId> images) {
    List<ImageId> gone;
    synchronized (this) {
      gone = rows.keySet().stream().filter(image -> !images.contains(image)).toList();
    }
    gone.forEach(this::forget);
  }

  /** Writes what the index does not know yet. */
  void writeAll() {
    List<ImageId> news = new ArrayList<>();
    synchronized (this) {
      rows.forEach((image, row) -> {
        if (!row.equals(written.get(image))) {
          news.add(image);
        }
      });
    }
    try {
      news.forEach(this::write);
    } catch (StoreException e) {
      LOG.debug("the last uses of images were not noted", e); // They only seem older.
    }
  }

  /** False if the image is being evicted. */
  synchronized boolean lease(ImageId image) {
    if (retired.contains(image)) {
      return false;
    }
    leases.merge(image, 1, Integer::sum);
    return true;
  }

  synchronized void release(ImageId image) {
    leases.computeIfPresent(image, (id, count) -> count > 1 ? count - 1 : null);
  }

  synchronized boolean isLeased(ImageId image) {
    return leases.containsKey(image);
  }

  /** From now on nobody gets a lease, until {@link #restore}; false if somebody has one. */
  synchronized boolean retire(ImageId image) {
    return !leases.containsKey(image) && retired.add(image);
  }

  synchronized void restore(ImageId image) {
    retired.remove(image);
  }

  private static boolean isJustNow(Instant used, Instant now) {
    return !now.isBefore(used) && now.isBefore(used.plus(SAME));
  }
}
