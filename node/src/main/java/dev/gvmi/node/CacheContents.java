package dev.gvmi.node;

import dev.gvmi.node.cache.CacheKeeper;
import dev.gvmi.node.cache.OtherHolders;
import dev.gvmi.node.cache.rules.CacheItem;
import dev.gvmi.node.registry.RegistryState;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.store.Footprint;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What counts against the quota: the files of the store, what is being pushed, and copies in the
 * runtime's cache; not hard links and reflinks of the store's files, which take nothing. A copy
 * whose image is not held any more, because a task was using it when the image went, counts too.
 *
 * <p><b>Thread:</b> any.
 */
final class CacheContents implements CacheKeeper.Contents {
  private final ImageStore store;
  private final PlacedFiles placed;
  private final RegistryState registry;
  private final OtherHolders others;
  private final Path dataDir;

  CacheContents(
      ImageStore store,
      PlacedFiles placed,
      RegistryState registry,
      OtherHolders others,
      Path dataDir) {
    this.store = store;
    this.placed = placed;
    this.registry = registry;
    this.others = others;
    this.dataDir = dataDir;
  }

  @Override
  public List<CacheItem> items() {
    Map<ImageId, Long> copies = copies();
    Map<ImageId, Long> uploads = registry.uploadedBytes();
    List<CacheItem> items = new ArrayList<>();
    for (Footprint held : store.footprints()) {
      Long copied = copies.remove(held.image());
      Long uploaded = uploads.remove(held.image());
      items.add(item(held, (copied == null ? 0 : copied) + (uploaded == null ? 0 : uploaded)));
    }
    uploads.forEach((image, bytes) ->
        items.add(new CacheItem(image, bytes, false, false, true, false, Instant.EPOCH)));
    copies.forEach((image, bytes) ->
        items.add(new CacheItem(image, bytes, true, false, true, false, Instant.EPOCH)));
    return items;
  }

  private CacheItem item(Footprint held, long moreBytes) {
    boolean lastCopy = held.complete() && others.of(held.image()).orElse(1) == 0;
    return new CacheItem(
        held.image(),
        held.bytes() + moreBytes,
        held.complete(),
        held.pinned() || registry.isTagged(held.image()),
        held.leased(),
        lastCopy,
        held.lastUsed());
  }

  private Map<ImageId, Long> copies() {
    try {
      return new HashMap<>(placed.copyBytes());
    } catch (IOException e) {
      throw StoreException.of("see what is placed in the runtime's cache", e);
    }
  }

  @Override
  public long freeBytes() {
    return dataDir.toFile().getUsableSpace();
  }
}
