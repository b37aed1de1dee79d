package dev.gvmi.node.delta;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.DeltaStore;
import dev.gvmi.node.store.HoldingsListener;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.DeltaIndexBuilder;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the delta index of each image that has none: when an image has become complete, and of
 * those that are left from earlier runs.
 *
 * <p>One image at a time, on one thread of low priority that rests four times as long as it worked:
 * what is needed now goes first. A close, or the death of the process, loses the work on one image,
 * which is begun again.
 *
 * <p><b>Thread:</b> any; the work on {@code delta}.
 */
public final class DeltaMaker implements HoldingsListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaMaker.class);
  private static final int BLOCK_BYTES = 1 << 20;

  /** It takes a fifth of one processor, whatever else this machine has to do. */
  private static final int RESTS = 4;

  private final ImageStore store;
  private final DeltaStore deltas;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean hurried;
  private volatile boolean closed;

  /**
   * Of its thread, and the same for all images: nothing but a collection of the heap would take
   * back one for each.
   */
  private @Nullable ByteBuffer block;

  /** What had none when this was made. */
  private final Set<ImageId> before;

  @GuardedBy("this")
  private int asked;

  /** What was asked when all was done. */
  @GuardedBy("this")
  private int answered;

  // a hint is all that is needed: it rests four times as long as it works
  @SuppressWarnings("ThreadPriorityCheck")
  public DeltaMaker(ImageStore store) {
    this.store = store;
    this.deltas = store.deltas();
    this.thread = new Thread(this::run, "delta");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    this.before = Set.copyOf(deltas.missing());
    store.addHoldingsListener(this);
  }

  @Override
  public void gained(ImageId image, boolean complete) {
    if (complete) {
      wake();
    }
  }

  @Override
  public void dropped(ImageId image) {
    if (started.get()) {
      wake();
    }
  }

  /**
   * Looks now for images without a delta index. Without it, it begins when one becomes complete.
   */
  public void wake() {
    if (closed) {
      return;
    }
    if (started.compareAndSet(false, true)) {
      thread.start();
    }
    synchronized (this) {
      asked++;
      notifyAll();
    }
  }

  /**
   * If images became complete since it was made: waits until nothing is left to do, or the time is
   * up, and lets it work without rest until then.
   */
  public void finish(Duration limit) throws InterruptedException {
    if (before.containsAll(deltas.missing())) {
      return;
    }
    wake();
    hurried = true;
    try {
      awaitIdle(limit);
    } finally {
      hurried = false;
    }
  }

  private synchronized void awaitIdle(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long left = limit.toMillis();
    while (answered != asked && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
  }

  private void run() {
    try {
      while (true) {
        int question = nextQuestion();
        makeAll();
        synchronized (this) {
          answered = question;
          notifyAll();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("delta indexes are made later");
    }
  }

  private synchronized int nextQuestion() throws InterruptedException {
    while (answered == asked) {
      wait();
    }
    return asked;
  }

  private void makeAll() throws InterruptedException {
    try {
      deltas.tidy();
      for (ImageId id : deltas.missing()) {
        make(id);
      }
    } catch (StoreException e) {
      LOG.debug("delta indexes are made later", e);
    }
  }

  private void make(ImageId id) throws InterruptedException {
    try {
      Optional<DeltaIndex> known = deltas.index(id);
      Optional<StoredImage> image = store.image(id);
      if (known.isPresent()) {
        deltas.put(known.get());
      } else if (image.isPresent()) {
        build(image.get()).ifPresentOrElse(deltas::put, () -> deltas.putNone(id));
      }
    } catch (StoreException e) {
      LOG.debug("no delta index of {}: it is tried again later", id, e);
    }
  }

  private Optional<DeltaIndex> build(StoredImage image) throws InterruptedException {
    long size = image.manifest().geometry().sizeBytes();
    DeltaIndexBuilder builder = new DeltaIndexBuilder(image.id(), size);
    ByteBuffer block = block();
    for (long offset = 0; offset < size; offset += block.limit()) {
      long start = System.nanoTime();
      block.clear().limit((int) Math.min(BLOCK_BYTES, size - offset));
      image.read(offset, block);
      builder.update(block.flip());
      rest(System.nanoTime() - start);
    }
    return builder.finish();
  }

  private ByteBuffer block() {
    if (block == null) {
      block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    }
    return block;
  }

  private void rest(long workedNanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the node closes");
    }
    if (!hurried) {
      TimeUnit.NANOSECONDS.sleep(RESTS * workedNanos);
    }
  }

  /** Ends the work; what is not finished is begun again the next time. */
  @Override
  public void close() {
    closed = true;
    if (!started.getAndSet(true)) {
      return;
    }
    thread.interrupt();
    Threads.awaitEnd(thread);
  }
}
