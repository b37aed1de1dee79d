package dev.gvmi.node;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What hashes fastest on this machine: the first one, until so many bytes are hashed that it is
 * worth some of the time of the JIT and of another thread to see what else there is for it.
 *
 * <p><b>Thread:</b> any.
 */
final class Fastest<H> {
  private static final Logger LOG = LoggerFactory.getLogger(Fastest.class);

  /** An image of less is hashed before the JIT is done with a candidate. */
  static final long MEASURE_AFTER_BYTES = 128 << 20;

  /**
   * What the JIT may take to compile a candidate when other work has the processors: its queue is
   * long while a fetch is new.
   */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** So many blocks make the JIT want to compile, and so many, now and then, keep it wanting. */
  private static final int WARM_UP_BLOCKS = 1000;

  private static final int REMINDER_BLOCKS = 4;
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** So many pauses without a gain: the JIT has done what it wants to do, or has other work. */
  private static final int STEADY_PAUSES = 10;

  /** One measurement, of which the best counts. */
  private static final int MEASURED_BLOCKS = 64;

  private static final int MEASUREMENTS = 10;

  /** A candidate must be so much faster before it is taken to be compiled. */
  private static final double WORTH = 1.1;

  private final Choice<H> first;
  private final Supplier<Optional<? extends H>> candidate;
  private final Probe<H> probe;
  private final Measuring measuring;
  private final AtomicLong hashedBytes = new AtomicLong();
  private final AtomicBoolean asked = new AtomicBoolean();

  /** Set by the thread that measures. */
  private volatile Choice<H> choice;

  /** Hashes something. */
  @FunctionalInterface
  interface Probe<H> {
    /**
     * Hashes as many messages as are hashed at once.
     *
     * @param blocks of each message
     * @return all their bytes
     */
    int hash(H hasher, int blocks);
  }

  /**
   * How it is measured.
   *
   * @param aside runs the measurement
   * @param afterBytes how much is hashed first
   */
  record Measuring(Executor aside, LongSupplier nanoTime, long afterBytes) {}

  /**
   * What was found.
   *
   * @param gain how many times as fast as the first it is
   */
  record Choice<H>(H hasher, double gain) {}

  /**
   * One that begins with the first hasher.
   *
   * @param candidate another one, if there is any; asked for only when it is measured
   */
  Fastest(H first, Supplier<Optional<? extends H>> candidate, Probe<H> probe, Measuring measuring) {
    this.first = new Choice<>(first, 1);
    this.choice = this.first;
    this.candidate = candidate;
    this.probe = probe;
    this.measuring = measuring;
  }

  Choice<H> choice() {
    return choice;
  }

  H hasher() {
    return choice.hasher();
  }

  /** So many bytes are to be hashed. */
  void count(long bytes) {
    if (!asked.get() && hashedBytes.addAndGet(bytes) >= measuring.afterBytes()) {
      measureAside();
    }
  }

  /** Sees what else there is, unless that was done. */
  void measureAside() {
    if (asked.compareAndSet(false, true)) {
      measuring.aside().execute(() -> candidate.get().ifPresent(this::measure));
    }
  }

  private void measure(H other) {
    if (hashedBytes.get() < measuring.afterBytes()) {
      awaitSteady();
    }
    double before = nanosPerByte(first.hasher(), MEASURED_BLOCKS);
    if (!isCompiled(other, before / WORTH)) {
      return;
    }
    double nanos = nanosPerByte(other, MEASURED_BLOCKS);
    LOG.debug(
        "{}: {} ns per byte; {}: {}",
        other.getClass().getSimpleName(),
        nanos,
        first.hasher().getClass().getSimpleName(),
        before);
    if (nanos < before) {
      choice = new Choice<>(other, before / nanos);
    }
  }

  /** Waits until it is as fast as is hoped for; not for ever. */
  private boolean isCompiled(H other, double hopedFor) {
    long begin = measuring.nanoTime().getAsLong();
    probe.hash(other, WARM_UP_BLOCKS);
    while (nanosPerByte(other, REMINDER_BLOCKS) > hopedFor) {
      if (measuring.nanoTime().getAsLong() - begin > LIMIT.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return true;
  }

  /**
   * Has the first one compiled as well as it will be: a candidate is nothing beside code that is
   * interpreted.
   */
  private void awaitSteady() {
    probe.hash(first.hasher(), WARM_UP_BLOCKS);
    double best = nanosPerByte(first.hasher(), REMINDER_BLOCKS);
    for (int pauses = 0; pauses < STEADY_PAUSES; pauses++) {
      LockSupport.parkNanos(PAUSE.toNanos());
      double now = nanosPerByte(first.hasher(), REMINDER_BLOCKS);
      if (now < best / WORTH) {
        best = now;
        pauses = 0;
      }
    }
  }

  /** At its best. */
  private double nanosPerByte(H hasher, int blocks) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < MEASUREMENTS; i++) {
      long from = measuring.nanoTime().getAsLong();
      int bytes = probe.hash(hasher, blocks);
      best = Math.min(best, (double) (measuring.nanoTime().getAsLong() - from) / bytes);
    }
    return best;
  }
}
