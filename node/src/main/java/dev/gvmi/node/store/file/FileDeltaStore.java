package dev.gvmi.node.store.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.SpanPlace;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.InvalidDeltaIndexException;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delta indexes in files beside the images, their spans in the index.
 *
 * <p><b>Order.</b> The file, the row (not whole), the spans in batches, the row (whole): whoever is
 * killed in between finds a row that is not whole, and enters the same spans under the same number
 * again. When an image goes, its file goes first, then the spans, then the row: a row without an
 * image is what {@link #tidy} looks for.
 *
 * <p><b>Locks.</b> {@code names} is the store's; {@code rows} may be taken under it, never the
 * other way round. Both are taken on the store's threads only, and {@code rows} for one batch at a
 * time.
 *
 * <p><b>Thread:</b> any.
 */
final class FileDeltaStore implements DeltaStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileDeltaStore.class);

  private final Disk disk;
  private final Map<ImageId, FileStoredImage> images;
  private final ReentrantLock names;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<ImageId, DeltaRow> rows = new HashMap<>();

  @GuardedBy("lock")
  private final Map<Integer, ImageId> numbers = new HashMap<>();

  @GuardedBy("lock")
  private int lastNumber;

  /** Whether there is a row; a late look only means that nothing is found. */
  private volatile boolean empty;

  FileDeltaStore(Disk disk, Map<ImageId, FileStoredImage> images, ReentrantLock names) {
    this.disk = disk;
    this.images = images;
    this.names = names;
    lock.lock();
    try {
      disk.index().spans().rows().forEach(this::know);
      empty = rows.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void know(DeltaRow row) {
    rows.put(row.image(), row);
    numbers.put(row.number(), row.image());
    lastNumber = Math.max(lastNumber, row.number());
    empty = false;
  }

  @Override
  public boolean isEmpty() {
    return empty;
  }

  @Override
  public Optional<DeltaIndex> index(ImageId image) {
    return disk.threads().call("read the delta index of " + image, () -> read(image));
  }

  /** Like {@link #index}, and empty if it cannot be read; on the store's threads. */
  Optional<DeltaIndex> readable(ImageId image) {
    try {
      return read(image);
    } catch (IOException e) {
      LOG.debug("the delta index of {} cannot be read", image, e);
      return Optional.empty();
    }
  }

  /** Of an image that is held, what the file beside it says; empty if it is none of that image. */
  private Optional<DeltaIndex> read(ImageId image) throws IOException {
    FileStoredImage held = images.get(image);
    Path file = disk.directory().imageDelta(image);
    if (held == null || !Files.isRegularFile(file) || Files.size(file) > DeltaIndex.MAX_BYTES) {
      return Optional.empty();
    }
    try {
      DeltaIndex index = DeltaIndex.parse(ByteBuffer.wrap(Files.readAllBytes(file)));
      return Optional.of(index)
          .filter(i -> i.image().equals(image) && i.sizeBytes() == held.sizeBytes());
    } catch (InvalidDeltaIndexException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<ImageId> missing() {
    return disk.threads()
        .call(
            "look for images without a delta index",
            () ->
                images.values().stream()
                    .filter(FileStoredImage::isServed)
                    .map(FileStoredImage::id)
                    .filter(id -> !isDone(id))
                    .sorted(Comparator.comparing(ImageId::hex))
                    .toList());
  }

  private boolean isDone(ImageId id) {
    lock.lock();
    try {
      DeltaRow row = rows.get(id);
      return row != null
          && row.whole()
          && (row.spans() == 0 || Files.isRegularFile(disk.directory().imageDelta(id)));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean put(DeltaIndex index) {
    ImageId image = index.image();
    String tried = "keep the delta index of " + image;
    Optional<DeltaRow> row = disk.threads().call(tried, () -> begin(index));
    if (row.isEmpty()) {
      return false;
    }
    DeltaRow begun = row.get();
    Iterator<Span> spans = index.iterator();
    while (spans.hasNext()) {
      List<Span> batch = next(spans);
      if (!disk.threads().call(tried, () -> enter(begun, batch))) {
        return false;
      }
    }
    return disk.threads().call(tried, () -> end(begun));
  }

  @Override
  public void putNone(ImageId image) {
    disk.threads()
        .run(
            "note that " + image + " has no delta index",
            () -> {
              lock.lock();
              try {
                if (images.containsKey(image)) {
                  write(new DeltaRow(image, number(image), 0, true));
                }
              } finally {
                lock.unlock();
              }
            });
  }

  private static List<Span> next(Iterator<Span> spans) {
    List<Span> batch = new ArrayList<>();
    while (spans.hasNext() && batch.size() < SpanTable.MAX_BATCH) {
      batch.add(spans.next());
    }
    return batch;
  }

  /** The file, and the row that is not whole; empty if the image is not held. */
  private Optional<DeltaRow> begin(DeltaIndex index) throws IOException {
    ImageId image = index.image();
    names.lock();
    try {
      FileStoredImage held = images.get(image);
      if (held == null || held.sizeBytes() != index.sizeBytes()) {
        return Optional.empty();
      }
      DataDirectory.writeDurably(disk.directory().imageDelta(image), index.bytes());
      lock.lock();
      try {
        DeltaRow row = new DeltaRow(image, number(image), index.spanCount(), false);
        write(row);
        return Optional.of(row);
      } finally {
        lock.unlock();
      }
    } finally {
      names.unlock();
    }
  }

  @GuardedBy("lock")
  private int number(ImageId image) {
    DeltaRow known = rows.get(image);
    return known != null ? known.number() : ++lastNumber;
  }

  @GuardedBy("lock")
  private void write(DeltaRow row) {
    disk.index().spans().putRow(row);
    know(row);
  }

  /** False if the image went meanwhile. */
  private boolean enter(DeltaRow row, List<Span> batch) {
    lock.lock();
    try {
      boolean held = images.containsKey(row.image()) && row.equals(rows.get(row.image()));
      if (held) {
        disk.index().spans().enter(row.number(), batch);
      }
      return held;
    } finally {
      lock.unlock();
    }
  }

  private boolean end(DeltaRow row) {
    lock.lock();
    try {
      boolean held = images.containsKey(row.image()) && row.equals(rows.get(row.image()));
      if (held) {
        write(new DeltaRow(row.image(), row.number(), row.spans(), true));
      }
      return held;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<List<SpanPlace>> places(List<SpanId> ids) {
    if (ids.size() > MAX_LOOKUP) {
      throw new IllegalArgumentException(ids.size() + " spans at once");
    }
    return disk.threads()
        .call(
            "look for spans",
            () -> disk.index().spans().find(ids).stream().map(this::held).toList());
  }

  private List<SpanPlace> held(List<SpanTable.Place> places) {
    List<SpanPlace> held = new ArrayList<>();
    lock.lock();
    try {
      for (SpanTable.Place place : places) {
        ImageId id = numbers.get(place.number());
        FileStoredImage image = id == null ? null : images.get(id);
        if (image != null
            && image.isServed()
            && place.offsetBytes() + place.lengthBytes() <= image.sizeBytes()) {
          held.add(new SpanPlace(image.id(), place.offsetBytes(), place.lengthBytes()));
        }
      }
      return held;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The image was just removed; on the store's threads. What of this fails is left to {@link
   * #tidy}.
   *
   * @param index what its file said
   */
  void forget(ImageId image, Optional<DeltaIndex> index) {
    lock.lock();
    try {
      DeltaRow row = rows.get(image);
      if (row != null && (index.isPresent() || row.spans() == 0)) {
        index.ifPresent(spans -> remove(row.number(), spans));
        drop(row);
      }
    } catch (StoreException e) {
      LOG.debug("the spans of {} are removed later", image, e);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void remove(int number, DeltaIndex index) {
    Iterator<Span> spans = index.iterator();
    while (spans.hasNext()) {
      disk.index().spans().remove(number, next(spans));
    }
  }

  @GuardedBy("lock")
  private void drop(DeltaRow row) {
    disk.index().spans().removeRow(row.image());
    rows.remove(row.image());
    numbers.remove(row.number());
    empty = rows.isEmpty();
  }

  @Override
  public void tidy() {
    String tried = "forget spans of images that are gone";
    Set<DeltaRow> stale = disk.threads().call(tried, this::stale);
    if (stale.isEmpty()) {
      return;
    }
    Set<Integer> gone = new HashSet<>();
    stale.forEach(row -> gone.add(row.number()));
    Optional<SpanId> at = disk.threads().call(tried, () -> sweep(gone, Optional.empty()));
    while (at.isPresent()) {
      Optional<SpanId> from = at;
      at = disk.threads().call(tried, () -> sweep(gone, from));
    }
    disk.threads().run(tried, () -> dropAll(stale));
  }

  private Set<DeltaRow> stale() {
    lock.lock();
    try {
      Set<DeltaRow> stale = new HashSet<>(rows.values());
      stale.removeIf(row -> images.containsKey(row.image()));
      return stale;
    } finally {
      lock.unlock();
    }
  }

  private Optional<SpanId> sweep(Set<Integer> gone, Optional<SpanId> from) {
    lock.lock();
    try {
      return disk.index().spans().sweep(gone, from);
    } finally {
      lock.unlock();
    }
  }

  /** An image that came back meanwhile gets its spans again: its row goes all the same. */
  private void dropAll(Set<DeltaRow> stale) {
    lock.lock();
    try {
      for (DeltaRow row : stale) {
        if (row.equals(rows.get(row.image()))) {
          drop(row);
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
