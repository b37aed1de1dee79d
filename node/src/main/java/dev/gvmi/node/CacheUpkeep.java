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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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

  private record Place(Path cache, String name) {
    Path file() {
      return cache.resolve(name);
    }
  }

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

  /**
   * @param trim takes away what is too much. It goes before the first look, because an image that
   *     is being placed is in use, and one that was used later would be taken instead.
   */
  void start(Runnable trim) {
    Thread.ofVirtual().name("cache-upkeep").start(() -> run(trim));
  }

  private void run(Runnable trim) {
    try {
      first(trim);
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

  private void first(Runnable trim) {
    try {
      trim.run();
    } catch (StoreException e) {
      if (stopped.getCount() > 0) {
        LOG.warn("what is over the quota stays until something is fetched: {}", e.getMessage());
      }
    }
  }

  /** Looks once. */
  void pass() {
    for (StoredImage image : store.images()) {
      if (stopped.getCount() == 0) {
        return;
      }
      try {
        keep(image);
      } catch (StoreException | IOException | InvalidPathException e) {
        // It is looked at again.
        LOG.debug("{} is left as it is in the runtime's caches", image.id(), e);
      }
    }
  }

  /** A lease keeps an image from eviction: one is taken only where there is something to do. */
  private void keep(StoredImage image) throws IOException {
    List<Place> missing = missing(image);
    List<PlacedFile> old = old(image);
    if (missing.isEmpty() && old.isEmpty()) {
      return;
    }
    ImageLease lease = store.lease(image.id());
    try (lease) {
      if (lease.equals(ImageLease.NONE)) {
        return; // It is being evicted.
      }
      for (Place place : missing) {
        place(image, place);
      }
      for (PlacedFile file : old) {
        touch(image, file.file());
      }
    }
  }

  private List<Place> missing(StoredImage image) {
    List<String> names = wanted.of(image.id());
    return caches.stream()
        .filter(Files::isDirectory)
        .flatMap(cache -> names.stream().map(name -> new Place(cache, name)))
        .filter(place -> !Files.exists(place.file(), LinkOption.NOFOLLOW_LINKS))
        .filter(place -> !refused.contains(place.file()))
        .toList();
  }

  private void place(StoredImage image, Place place) {
    if (placer.placeInCache(image, place.cache(), place.name()).problem() != null) {
      refused.add(place.file());
    }
  }

  private List<PlacedFile> old(StoredImage image) throws IOException {
    Path first = caches.isEmpty() ? null : caches.getFirst();
    Instant limit = clock.instant().minus(FRESH);
    List<PlacedFile> old = new ArrayList<>();
    for (PlacedFile file : placed.of(image.id(), image.file(), first)) {
      if (!Files.getLastModifiedTime(file.file()).toInstant().isAfter(limit)) {
        old.add(file);
      }
    }
    return old;
  }

  private void touch(StoredImage image, Path file) throws IOException {
    if (Files.isSameFile(file, image.file())) {
      image.linked(); // The store has to know that its own file was touched.
    } else {
      Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
    }
  }

  @Override
  public void close() {
    stopped.countDown();
  }
}
