package dev.gvmi.node.store.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.HoldingsListener;
import dev.gvmi.protocol.image.ImageId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners what is held from now on. Changes come from under the store's locks, so they are
 * kept here, the last one of each image, and told by a thread that runs while there is something to
 * tell.
 *
 * <p><b>Thread:</b> any; never blocks.
 */
final class Holdings {
  private static final Logger LOG = LoggerFactory.getLogger(Holdings.class);

  private final List<HoldingsListener> listeners = new CopyOnWriteArrayList<>();

  /** What is to be told of each image, the eldest change first: no more than there are images. */
  @GuardedBy("this")
  private final Map<ImageId, Change> changes = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean telling;

  private enum Change {
    PARTIAL,
    COMPLETE,
    DROPPED
  }

  private record News(ImageId image, Change change) {}

  void add(HoldingsListener listener) {
    listeners.add(listener);
  }

  void gained(ImageId image, boolean complete) {
    changed(image, complete ? Change.COMPLETE : Change.PARTIAL);
  }

  void dropped(ImageId image) {
    changed(image, Change.DROPPED);
  }

  private synchronized void changed(ImageId image, Change change) {
    if (listeners.isEmpty()) {
      return;
    }
    changes.remove(image);
    changes.put(image, change);
    if (!telling) {
      telling = true;
      Thread.ofVirtual().name("holdings").start(this::tellAll);
    }
  }

  private void tellAll() {
    for (News news = next(); news != null; news = next()) {
      for (HoldingsListener listener : listeners) {
        try {
          tell(listener, news);
        } catch (RuntimeException e) {
          LOG.error("a listener failed on {} of {}", news.change(), news.image(), e);
        }
      }
    }
  }

  private synchronized @Nullable News next() {
    Iterator<Map.Entry<ImageId, Change>> eldest = changes.entrySet().iterator();
    if (!eldest.hasNext()) {
      telling = false;
      return null;
    }
    Map.Entry<ImageId, Change> entry = eldest.next();
    News news = new News(entry.getKey(), entry.getValue());
    eldest.remove();
    return news;
  }

  private static void tell(HoldingsListener listener, News news) {
    switch (news.change()) {
      case PARTIAL -> listener.gained(news.image(), false);
      case COMPLETE -> listener.gained(news.image(), true);
      case DROPPED -> listener.dropped(news.image());
    }
  }
}
