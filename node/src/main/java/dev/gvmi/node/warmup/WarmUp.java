package dev.gvmi.node.warmup;

import dev.gvmi.node.thread.Threads;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings images before a task asks for them, one after the other, behind what is asked for.
 *
 * <p><b>Thread:</b> a virtual one of its own; {@link #close} any.
 */
public final class WarmUp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /**
   * Nodes that hold the images are found in the meantime: without any, they would come from the
   * registry.
   */
  private static final Duration START = Duration.ofSeconds(10);

  private final Bringing bringing;
  private final WarmUpPlan plan;
  private final Thread thread;
  private volatile boolean closed;

  /** Brings one image. */
  @FunctionalInterface
  public interface Bringing {
    /**
     * Blocks until it is here or not to be had.
     *
     * @param last what it named when it last came, which need not come again; null if it never did
     * @return the image that is named now, if it is here
     */
    Optional<ImageId> bring(String image, @Nullable ImageId last) throws InterruptedException;
  }

  private WarmUp(WarmUpConfig config, Bringing bringing) {
    this.bringing = bringing;
    Duration wait = START.compareTo(config.every()) < 0 ? START : config.every();
    this.plan = new WarmUpPlan(config.images(), config.every(), System.nanoTime() + wait.toNanos());
    this.thread = Thread.ofVirtual().name("warm-up").unstarted(this::run);
  }

  /** Starts to bring what is configured. */
  public static WarmUp start(WarmUpConfig config, Bringing bringing) {
    WarmUp started = new WarmUp(config, bringing);
    started.thread.start();
    return started;
  }

  private void run() {
    try {
      Optional<WarmUpPlan.Next> next = plan.next();
      while (next.isPresent() && !closed) {
        TimeUnit.NANOSECONDS.sleep(next.get().due() - System.nanoTime());
        bring(next.get());
        next = plan.next();
      }
    } catch (InterruptedException e) {
      LOG.debug("warm-up ends");
    }
  }

  private void bring(WarmUpPlan.Next next) throws InterruptedException {
    Optional<ImageId> named = Optional.empty();
    try {
      named = bringing.bring(next.image(), next.last());
    } catch (RuntimeException e) {
      LOG.error("warm-up of {} failed; it is tried again", next.image(), e);
    }
    long now = System.nanoTime();
    named.ifPresentOrElse(
        image -> plan.came(next.image(), image, now), () -> plan.failed(next.image(), now));
  }

  /** What has come is kept. */
  @Override
  public void close() {
    closed = true; // also when somebody below takes the interrupt for something else
    thread.interrupt();
    Threads.awaitEnd(thread);
  }
}
