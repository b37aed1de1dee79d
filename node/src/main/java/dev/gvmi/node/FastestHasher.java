package dev.gvmi.node;

import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.sha3.Piece;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
 * Hashes with what is fastest on this machine, one piece and several: in plain Java, until so many
 * bytes are hashed the one way or the other that it is worth some of the time of the JIT and of
 * another thread to see what else there is for it.
 *
 * <p><b>Thread:</b> any.
 */
final class FastestHasher implements SegmentHasher {
  private static final Logger LOG = LoggerFactory.getLogger(FastestHasher.class);

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

  private static final DigestAlgorithm MEASURED = DigestAlgorithm.SHA3_224;
  private static final int STATE_LANES = 25;

  private final SegmentHasher scalar;
  private final Executor aside;
  private final LongSupplier nanoTime;
  private final long measureAfterBytes;
  private final Choice together;
  private final Choice alone;

  /**
   * One that begins with the first hasher.
   *
   * @param together another one for several pieces, if there is any; asked for only when it is
   *     measured
   * @param alone another one for one piece
   * @param aside runs the measurement
   * @param measureAfterBytes how much is hashed first
   */
  FastestHasher(
      SegmentHasher scalar,
      Supplier<Optional<? extends SegmentHasher>> together,
      Supplier<Optional<? extends SegmentHasher>> alone,
      Executor aside,
      LongSupplier nanoTime,
      long measureAfterBytes) {
    this.scalar = scalar;
    this.together = new Choice(together);
    this.alone = new Choice(alone);
    this.aside = aside;
    this.nanoTime = nanoTime;
    this.measureAfterBytes = measureAfterBytes;
  }

  @Override
  public int lanes() {
    return together.fastest.lanes();
  }

  @Override
  public void absorb(long[] state, DigestAlgorithm algorithm, ByteBuffer blocks) {
    alone.count(blocks.remaining());
    alone.fastest.absorb(state, algorithm, blocks);
  }

  @Override
  public byte[] finish(long[] state, DigestAlgorithm algorithm, ByteBuffer tail) {
    return scalar.finish(state, algorithm, tail);
  }

  @Override
  public void absorbAll(DigestAlgorithm algorithm, List<Piece> pieces) {
    for (Piece piece : pieces) {
      together.count(piece.blocks().remaining());
    }
    together.fastest.absorbAll(algorithm, pieces);
  }

  /**
   * Sees ahead what there is for several pieces, unless that was done: the JIT has more time for it
   * now than within a fetch.
   */
  void measureAside() {
    together.measureAside();
  }

  /** What one way of hashing is done with. */
  private final class Choice {
    private final Supplier<Optional<? extends SegmentHasher>> candidate;
    private final AtomicLong hashedBytes = new AtomicLong();
    private final AtomicBoolean asked = new AtomicBoolean();

    /** Set by the thread that measures. */
    private volatile SegmentHasher fastest = scalar;

    Choice(Supplier<Optional<? extends SegmentHasher>> candidate) {
      this.candidate = candidate;
    }

    void count(long bytes) {
      if (!asked.get() && hashedBytes.addAndGet(bytes) >= measureAfterBytes) {
        measureAside();
      }
    }

    void measureAside() {
      if (asked.compareAndSet(false, true)) {
        aside.execute(() -> candidate.get().ifPresent(this::measure));
      }
    }

    private void measure(SegmentHasher other) {
      if (hashedBytes.get() < measureAfterBytes) {
        awaitSteady(scalar);
      }
      double before = nanosPerByte(scalar, MEASURED_BLOCKS);
      if (!isCompiled(other, before / WORTH)) {
        return;
      }
      double nanos = nanosPerByte(other, MEASURED_BLOCKS);
      LOG.debug(
          "SHA-3 in {} lanes: {} ns per byte; in plain Java: {}", other.lanes(), nanos, before);
      if (nanos < before) {
        fastest = other;
      }
    }
  }

  /** Waits until it is as fast as is hoped for; not for ever. */
  private boolean isCompiled(SegmentHasher candidate, double hopedFor) {
    long begin = nanoTime.getAsLong();
    run(candidate, WARM_UP_BLOCKS);
    while (nanosPerByte(candidate, REMINDER_BLOCKS) > hopedFor) {
      if (nanoTime.getAsLong() - begin > LIMIT.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return true;
  }

  /**
   * Has it compiled as well as it will be: a candidate is nothing beside code that is interpreted.
   */
  private void awaitSteady(SegmentHasher hasher) {
    run(hasher, WARM_UP_BLOCKS);
    double best = nanosPerByte(hasher, REMINDER_BLOCKS);
    for (int pauses = 0; pauses < STEADY_PAUSES; pauses++) {
      LockSupport.parkNanos(PAUSE.toNanos());
      double now = nanosPerByte(hasher, REMINDER_BLOCKS);
      if (now < best / WORTH) {
        best = now;
        pauses = 0;
      }
    }
  }

  /** At its best. */
  private double nanosPerByte(SegmentHasher hasher, int blocks) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < MEASUREMENTS; i++) {
      long from = nanoTime.getAsLong();
      int bytes = run(hasher, blocks);
      best = Math.min(best, (double) (nanoTime.getAsLong() - from) / bytes);
    }
    return best;
  }

  /** Hashes so many blocks in each lane. @return their bytes */
  private static int run(SegmentHasher hasher, int blocks) {
    int bytes = blocks * MEASURED.rateBytes();
    ByteBuffer zeros = ByteBuffer.allocateDirect(bytes);
    List<Piece> pieces = new ArrayList<>();
    for (int lane = 0; lane < hasher.lanes(); lane++) {
      pieces.add(new Piece(new long[STATE_LANES], zeros.duplicate()));
    }
    hasher.absorbAll(MEASURED, pieces);
    return bytes * hasher.lanes();
  }
}
