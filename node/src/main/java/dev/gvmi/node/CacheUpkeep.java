package dev.gvmi.node;

import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.PlacedFiles.PlacedFile;
import dev.gvmi.node.runtime.WantedNames;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps held images in the runtime's caches while a daemon runs: places them in a folder that has
 * appeared, under all of their names, and touches what is placed, because the provider deletes
 * files by age at its start. It touches and replaces nothing that is not this node's.
 *
 * <p><b>Thread:</b> a virtual one of its own; {@link #close} any.
 */
final class CacheUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheUpkeep.class);
  private static final Duration PERIOD = Duration.ofSeconds(30);

  /** The provider's limit is 30 days. */
  private static final Duration FRESH = Duration.ofDays(1);

  private final ImageStore store;
  private final Placer placer;
  private final PlacedFiles placed;
  private final WantedNames wanted;
  private final List<Path> caches;
  private final InstantSource clock;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Names that are somebody else's: said once. */
  private final Set<Path> refused = new HashSet<>();

  CacheUpkeep(
      ImageStore store,
      Placer placer,
      PlacedFiles placed,
      WantedNames wanted,
      List<Path> caches,
      InstantSource clock) {
    this.store = store;
    this.placer = placer;
    this.placed = placed;
    this.wanted = wanted;
    this.caches = List.copyOf(caches);
    this.clock = clock;
  }

  void start() {
    Thread.ofVirtual().name("cache-upkeep").start(this::run);
  }

  private void run() {
    try {
      do {
        pass();
      } while (!stopped.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("upkeep of the runtime's caches ends");
    } catch (RuntimeException e) {
      if (stopped.getCount() > 0) {
        LOG.error("images are not kept in the runtime's caches any more", e);
      }
    }
  }

  /** Looks once. */
  void pass() {
    for (StoredImage image : store.images()) {
      if (stopped.getCount() == 0) {
        return;
      }
      ImageLease lease = store.lease(image.id());
      try (lease) {
        placeMissing(image);
        touch(image);
      } catch (StoreException | IOException | InvalidPathException e) {
        // It is looked at again.
        LOG.debug("{} is left as it is in the runtime's caches", image.id(), e);
      }
    }
  }

  private void placeMissing(StoredImage image) {
    for (String name : wanted.of(image.id())) {
      for (Path cache : caches) {
        Path target = cache.resolve(name);
        boolean missing =
            Files.isDirectory(cache) && !Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        if (missing && !refused.contains(target)) {
          if (placer.placeInCache(image, cache, name).problem() != null) {
            refused.add(target);
          }
        }
      }
    }
  }

  private void touch(StoredImage image) throws IOException {
    Path first = caches.isEmpty() ? null : caches.getFirst();
    for (PlacedFile file : placed.of(image.id(), image.file(), first)) {
      FileTime modified = Files.getLastModifiedTime(file.file());
      if (modified.toInstant().isAfter(clock.instant().minus(FRESH))) {
        continue;
      }
      if (Files.isSameFile(file.file(), image.file())) {
        image.linked(); // The store has to know that its own file was touched.
      } else {
        Files.setLastModifiedTime(file.file(), FileTime.from(clock.instant()));
      }
    }
  }

  @Override
  public void close() {
    stopped.countDown();
  }
}
