package dev.gvmi.node.transfer;

import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Chunk buffers, made when first needed and used again: at most {@code capacity} are out at one time.
 *
 * <p><b>Thread:</b> any; {@link #take} waits.
 */
public final class BufferPool {
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

  public BufferPool(int capacity) {
    this.permits = new Semaphore(capacity);
  }

  /** An empty direct buffer of one chunk; waits while all are out. */
  public ByteBuffer take() throws InterruptedException {
    if (!permits.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no chunk buffer came back within 60 s");
    }
    ByteBuffer buffer = free.poll();
    return buffer == null ? ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES) : buffer.clear();
  }

  /** Gives back a buffer that {@link #take} gave out, once. */
  public void giveBack(ByteBuffer buffer) {
    free.add(buffer);
    permits.release();
  }
}
