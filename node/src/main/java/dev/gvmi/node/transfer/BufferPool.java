package dev.gvmi.node.transfer;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Direct buffers of one size, made when first needed and used again: at most so many are out at one
 * time.
 *
 * <p><b>Thread:</b> any.
 */
public final class BufferPool {
  private final int bytes;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

  public BufferPool(int capacity, int bytes) {
    this.permits = new Semaphore(capacity);
    this.bytes = bytes;
  }

  /** An empty buffer; none while all are out. */
  public Optional<ByteBuffer> take() {
    if (!permits.tryAcquire()) {
      return Optional.empty();
    }
    return Optional.of(next());
  }

  /**
   * An empty buffer; waits while all are out, whoever interrupts. Only for a pool whose buffers
   * come back without a peer's doing.
   */
  public ByteBuffer await() {
    permits.acquireUninterruptibly();
    return next();
  }

  private ByteBuffer next() {
    ByteBuffer buffer = free.poll();
    return buffer == null ? ByteBuffer.allocateDirect(bytes) : buffer.clear();
  }

  /** Gives back a buffer that was taken, or another of its size in its stead, once. */
  public void giveBack(ByteBuffer buffer) {
    free.add(buffer);
    permits.release();
  }
}
