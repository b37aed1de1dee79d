package dev.gvmi.node.transfer;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Direct buffers of one size, made when first needed and used again: at most so many are out at one
 * time. Nobody waits for one: a peer that is slow must not keep others from theirs.
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
    ByteBuffer buffer = free.poll();
    return Optional.of(buffer == null ? ByteBuffer.allocateDirect(bytes) : buffer.clear());
  }

  /** Gives back a buffer that {@link #take} gave out, once. */
  public void giveBack(ByteBuffer buffer) {
    free.add(buffer);
    permits.release();
  }
}
