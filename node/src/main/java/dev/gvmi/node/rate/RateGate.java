package dev.gvmi.node.rate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.rate.FairTurns.Turn;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets bytes pass at a rate that can be changed, and those who wait in turn, each as many bytes as
 * the others. Without a limit it costs a look at one field.
 *
 * <p><b>Thread:</b> any; {@link #pass} waits, {@link #tryPass} does not.
 */
public final class RateGate {
  /** What passes at once: larger pieces make others wait for long at a low rate. */
  public static final int MAX_PIECE_BYTES = 64 << 10;

  private static final int LEAST_PIECE_BYTES = 4 << 10;
  private static final int PIECES_PER_SECOND = 40;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final FairTurns<Object, Condition> turns = new FairTurns<>();

  /** Replaced under the lock; null without a limit. A late look lets one more piece pass. */
  private volatile @Nullable Limited limited;

  private record Limited(RateLimit limit, TokenBucket bucket) {}

  /**
   * A gate without a limit.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public RateGate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Changes the limit, for those who wait now, too. */
  public void limit(RateLimit limit) {
    lock.lock();
    try {
      limited =
          limit.isNone()
              ? null
              : new Limited(limit, new TokenBucket(limit.bytesPerSecond(), nanoTime.getAsLong()));
      turns.first().ifPresent(turn -> turn.purpose().signal());
    } finally {
      lock.unlock();
    }
  }

  public RateLimit limit() {
    Limited now = limited;
    return now == null ? RateLimit.NONE : now.limit();
  }

  public boolean isLimited() {
    return limited != null;
  }

  /** How large pieces should be, so that several pass in a second. */
  public int pieceBytes() {
    return pieceBytes(limit());
  }

  static int pieceBytes(RateLimit limit) {
    long fit = limit.bytesPerSecond() / PIECES_PER_SECOND;
    return Math.clamp(fit, LEAST_PIECE_BYTES, MAX_PIECE_BYTES);
  }

  /** Waits until it is this party's turn, and the rate allows it. */
  public void pass(Object party, int bytes) throws InterruptedException {
    if (limited == null) {
      return;
    }
    lock.lockInterruptibly();
    try {
      Turn<Object, Condition> turn = turns.join(party, bytes, lock.newCondition());
      try {
        awaitTurn(turn, bytes);
        turns.served(turn);
      } finally {
        turns.leave(turn);
        turns.first().ifPresent(next -> next.purpose().signal());
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void awaitTurn(Turn<Object, Condition> turn, int bytes) throws InterruptedException {
    while (true) {
      Limited now = limited;
      if (now == null) {
        return;
      }
      boolean isFirst = turns.first().equals(Optional.of(turn));
      long wait = now.bucket().waitNanos(nanoTime.getAsLong());
      if (isFirst && wait == 0) {
        now.bucket().take(bytes, nanoTime.getAsLong());
        return;
      }
      if (isFirst) {
        turn.purpose().awaitNanos(wait);
      } else {
        turn.purpose().await();
      }
    }
  }

  /** Whether something would pass now. */
  public boolean isOpen() {
    if (limited == null) {
      return true;
    }
    lock.lock();
    try {
      Limited now = limited;
      return now == null || now.bucket().waitNanos(nanoTime.getAsLong()) == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Lets so many bytes pass now if the rate allows it; always without a limit. */
  public boolean tryPass(int bytes) {
    if (limited == null) {
      return true;
    }
    lock.lock();
    try {
      Limited now = limited;
      return now == null || now.bucket().take(bytes, nanoTime.getAsLong());
    } finally {
      lock.unlock();
    }
  }
}
