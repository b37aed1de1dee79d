package dev.gvmi.node;

import dev.gvmi.node.cache.CacheKeeper;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.store.Footprint;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes images away to make room, in the order in which {@link Removal} does it: not served any
 * more, no name in the runtime's cache, gone from the store. A crash between two of these leaves an
 * image that is held.
 *
 * <p><b>Thread:</b> any.
 */
final class Eviction implements CacheKeeper.Evictor {
  private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);

  private final ImageStore store;
  private final CacheNames names;
  private final @Nullable Path cache;

  /** From the store and, where it is not null, this cache of the runtime. */
  Eviction(ImageStore store, CacheNames names, @Nullable Path cache) {
    this.store = store;
    this.names = names;
    this.cache = cache;
  }

  @Override
  public Optional<String> use(ImageId image) {
    Optional<Footprint> held = footprint(image);
    if (held.isEmpty() || !held.get().complete()) {
      return Optional.empty();
    }
    store.audit(image); // Closes the file, so that the kernel can be asked who else has it open.
    return names.use(image, held.get().file(), cache);
  }

  private Optional<Footprint> footprint(ImageId image) {
    return store.footprints().stream().filter(held -> held.image().equals(image)).findFirst();
  }

  @Override
  public boolean evict(ImageId image) {
    Optional<Footprint> held = footprint(image);
    List<String> removed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    try {
      boolean gone =
          held.isPresent()
              && store.evict(
                  image, () -> names.clear(image, held.get().file(), cache, removed, left));
      if (gone || held.isEmpty()) {
        names.forget(image);
      }
      if (gone) {
        NodeLog.evicted(image.hex(), held.get().bytes());
        left.forEach(name -> LOG.warn("{} stays in the runtime's cache: {}", image, name));
      }
      return gone;
    } catch (StoreException e) {
      LOG.warn("image {} could not be evicted: {}", image, e.getMessage());
      return false;
    }
  }
}
