package dev.gvmi.node.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.fetch.Arriving;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.fetch.ProgressSink;
import dev.gvmi.node.fetch.ReadPosition;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An image that is being fetched because somebody asked for it, and those who read what comes. The
 * fetch is steered to the one that is least far. A source may prove false, and what comes then is
 * of another: who was sent bytes of the first is cut off, never served a mixture.
 *
 * <p><b>Thread:</b> any; the fetching one tells it what arrives.
 */
final class LiveImage implements ProgressSink, ReadPosition {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long RETURN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ImageId image;
  private final RangeTrust trust;
  private final LongSupplier nanos;
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private @Nullable Arriving arriving;

  /** Set once it ended well. */
  @GuardedBy("lock")
  private @Nullable StoredImage proven;

  /** Set once it ended otherwise. */
  @GuardedBy("lock")
  private @Nullable String failure;

  /** Who was the last to stop; null while nobody has. */
  private volatile @Nullable Left left;

  /** Where it stopped, and when. */
  private record Left(long position, long atNanos) {}

  /**
   * @param nanos a clock, as {@link System#nanoTime}
   */
  LiveImage(ImageId image, RangeTrust trust, LongSupplier nanos) {
    this.image = image;
    this.trust = trust;
    this.nanos = nanos;
  }

  /** What a reader may send next. */
  sealed interface Piece {
    /** Bytes of what arrives, up to this offset. */
    record Bytes(Arriving from, long limit) implements Piece {}

    /** Everything, from the store. */
    record Proven(StoredImage image) implements Piece {}
  }

  Reader join() {
    Reader reader = new Reader();
    readers.add(reader);
    return reader;
  }

  /**
   * The least position of those that read; negative while nobody does. Where the last one stopped
   * counts for a while longer: a client asks for the head before it asks for the bytes, and goes on
   * where it was cut off.
   */
  @Override
  public long bytes() {
    return readers.stream().mapToLong(reader -> reader.position).min().orElseGet(() -> left(left));
  }

  private long left(@Nullable Left last) {
    return last == null || nanos.getAsLong() - last.atNanos > RETURN_NANOS ? -1 : last.position;
  }

  @Override
  public void progress(FetchProgress progress) {
    wake();
  }

  @Override
  public void note(String line) {
    wake();
  }

  @Override
  public void arriving(Arriving next) {
    lock.lock();
    try {
      if (arriving != null && content(arriving) != content(next)) {
        trust.falsified(image); // before its readers are reset: a client asks again at once
      }
      arriving = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The fetch ended so. */
  void ended(FetchOutcome outcome) {
    switch (outcome) {
      case FetchOutcome.Complete complete -> proved(complete.image());
      case FetchOutcome.NotFound none -> failed(none.reason());
      case FetchOutcome.Incomplete some -> failed(some.reason());
      case FetchOutcome.VerificationFailed wrong -> {
        trust.falsified(image);
        failed(wrong.reason());
      }
    }
  }

  /** The fetch came to no end. */
  void failed(String reason) {
    lock.lock();
    try {
      failure = reason;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void proved(StoredImage stored) {
    lock.lock();
    try {
      Arriving last = arriving;
      if (last == null || last.manifest().map(stored.manifestId()::equals).orElse(true)) {
        proven = stored;
        trust.proven(image, last == null ? stored.manifestId().hashCode() : content(last));
      } else {
        failure = "it was proven under another manifest";
        trust.proven(image, stored.manifestId().hashCode());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The same for the same bytes. */
  private static int content(Arriving arriving) {
    return arriving.manifest().map(Object::hashCode).orElseGet(arriving::hashCode);
  }

  private static long available(Arriving from, long position) {
    try {
      return from.availableBytes(position);
    } catch (StoreException e) {
      return 0; // it was closed: what comes next says why
    }
  }

  /** Somebody who reads it from some offset on. <b>Thread:</b> one at a time. */
  final class Reader implements AutoCloseable {
    private volatile long position;

    /** What it was told, or sent, something of. */
    private @Nullable Arriving from;

    /**
     * The size, once a source says one.
     *
     * @return empty if that took too long
     * @throws ImageGoneException if the fetch ended without the image
     */
    OptionalLong size(Duration within) throws InterruptedException, ImageGoneException {
      long left = within.toNanos();
      lock.lock();
      try {
        while (arriving == null && proven == null && left > 0) {
          requireAlive();
          left = changed.awaitNanos(left);
        }
        requireAlive();
        if (proven != null) {
          return OptionalLong.of(proven.sizeBytes());
        }
        from = arriving;
        return from == null ? OptionalLong.empty() : OptionalLong.of(from.sizeBytes());
      } finally {
        lock.unlock();
      }
    }

    /**
     * Waits until there is something to send.
     *
     * @param at offset of the next byte to send
     * @param end of the answer, {@link Long#MAX_VALUE} for that of the image
     * @throws ImageGoneException if it is not to be had, or not from where its beginning came
     */
    Piece next(long at, long end) throws InterruptedException, ImageGoneException {
      position = at;
      lock.lock();
      try {
        while (true) {
          requireAlive();
          if (proven != null) {
            requireSame();
            return new Piece.Proven(proven);
          }
          if (arriving != null) {
            requireSame();
            from = arriving;
            long size = arriving.sizeBytes();
            long limit = HoldBack.limit(at, available(arriving, at), Math.min(end, size), size);
            if (limit > at) {
              trust.sending(image, content(arriving));
              return new Piece.Bytes(arriving, limit);
            }
          }
          changed.awaitNanos(LOOK_NANOS);
        }
      } finally {
        lock.unlock();
      }
    }

    @GuardedBy("lock")
    private void requireAlive() throws ImageGoneException {
      if (failure != null) {
        throw new ImageGoneException("image " + image + " is not to be had: " + failure);
      }
    }

    @GuardedBy("lock")
    private void requireSame() throws ImageGoneException {
      if (from != null && !from.equals(arriving)) {
        throw new ImageGoneException("image " + image + " is tried from another source");
      }
    }

    @Override
    public void close() {
      // before it is gone: there is no moment without either
      left = new Left(position, nanos.getAsLong());
      readers.remove(this);
    }
  }
}
