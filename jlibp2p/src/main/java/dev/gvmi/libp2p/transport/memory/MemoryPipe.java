package dev.gvmi.libp2p.transport.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: what was sent and not yet read, in order, each piece with the time
 * at which it arrives.
 *
 * <p><b>Thread:</b> the sender's and the reader's event loop.
 */
final class MemoryPipe {
  /** A sender finds it full when this much is on its way; the last piece may go over. */
  static final int MAX_BYTES = 256 << 10;

  /** What {@link #nanosToNext} says when nothing is on its way. */
  static final long NEVER = Long.MAX_VALUE;

  /** What became of a piece that was sent. */
  enum Offer {
    TAKEN,
    FULL,
    CLOSED,
    BROKEN
  }

  /** A piece on its way; without bytes it is the end. */
  private record Piece(@Nullable ByteBuf bytes, long dueNanos) {}

  private final MemoryFaults faults;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final RandomGenerator random;

  @GuardedBy("lock")
  private final Deque<Piece> pieces = new ArrayDeque<>();

  @GuardedBy("lock")
  private int bytes;

  @GuardedBy("lock")
  private long lastDueNanos;

  @GuardedBy("lock")
  private boolean senderWaits;

  @GuardedBy("lock")
  private boolean abandoned;

  MemoryPipe(MemoryFaults faults, RandomGenerator random, long nowNanos) {
    this.faults = faults;
    this.random = random;
    this.lastDueNanos = nowNanos;
  }

  /** How long the next thing to be sent is on its way. */
  long delayNanos() {
    lock.lock();
    try {
      return faults.delayNanos(random);
    } finally {
      lock.unlock();
    }
  }

  /** Sends a piece; takes over a reference to it if it is {@link Offer#TAKEN}. */
  Offer offer(ByteBuf piece, long nowNanos) {
    lock.lock();
    try {
      if (abandoned) {
        return Offer.CLOSED;
      }
      if (bytes >= MAX_BYTES) {
        senderWaits = true;
        return Offer.FULL;
      }
      if (faults.breaks(random)) {
        return Offer.BROKEN;
      }
      bytes += piece.readableBytes();
      add(piece, nowNanos);
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more will be sent. */
  void end(long nowNanos) {
    lock.lock();
    try {
      if (!abandoned) {
        add(null, nowNanos);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void add(@Nullable ByteBuf piece, long nowNanos) {
    long due = nowNanos + faults.delayNanos(random);
    lastDueNanos = due - lastDueNanos > 0 ? due : lastDueNanos;
    pieces.add(new Piece(piece, lastDueNanos));
  }

  /** When the next piece arrives, in nanoseconds from now; not positive if it is here. */
  long nanosToNext(long nowNanos) {
    lock.lock();
    try {
      Piece next = pieces.peek();
      return next == null ? NEVER : next.dueNanos() - nowNanos;
    } finally {
      lock.unlock();
    }
  }

  /** The next piece, which the caller owns; null at the end. Only when there is one. */
  @Nullable ByteBuf take() {
    lock.lock();
    try {
      ByteBuf piece = pieces.remove().bytes();
      bytes -= piece == null ? 0 : piece.readableBytes();
      return piece;
    } finally {
      lock.unlock();
    }
  }

  /** True once, when a sender that found it full can go on. */
  boolean freed() {
    lock.lock();
    try {
      boolean now = senderWaits && bytes <= MAX_BYTES / 2;
      senderWaits &= !now;
      return now;
    } finally {
      lock.unlock();
    }
  }

  /** The reader is gone. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      for (Piece piece = pieces.poll(); piece != null; piece = pieces.poll()) {
        if (piece.bytes() != null) {
          piece.bytes().release();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
