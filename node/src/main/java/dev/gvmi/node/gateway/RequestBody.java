package dev.gvmi.node.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The body of a request: the line between the event loop, which reads no more than is wanted soon,
 * and the thread that answers, which waits here for what the client sends. A client that sends
 * nothing for a while, or less in the long run than is worth a connection, is given up.
 *
 * <p><b>Thread:</b> {@link #offer}, {@link #end} and {@link #fail} the event loop; the rest the one
 * that answers.
 */
final class RequestBody extends InputStream {
  private static final int HIGH_BYTES = 256 << 10;
  private static final int LOW_BYTES = 64 << 10;

  private static final int DRAIN_BYTES = 64 << 10;
  private static final long DRAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final Channel channel;
  private final GatewayLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<ByteBuf> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private int queuedBytes;

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private boolean failed;

  /** Nobody reads any more. */
  @GuardedBy("lock")
  private boolean closed;

  /** The client waits to be asked for it; RFC 9110, 10.1.1. */
  private boolean expected;

  private long receivedBytes;
  private long waitedNanos;

  RequestBody(Channel channel, GatewayLimits limits, boolean expected) {
    this.channel = channel;
    this.limits = limits;
    this.expected = expected;
  }

  /** The client has sent this much more; it is released here. */
  void offer(ByteBuf bytes) {
    lock.lock();
    try {
      if (closed || failed || !bytes.isReadable()) {
        bytes.release();
        return;
      }
      queue.add(bytes);
      queuedBytes += bytes.readableBytes();
      if (queuedBytes > HIGH_BYTES) {
        channel.config().setAutoRead(false);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** All of it has come. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** No more will come. */
  void fail() {
    lock.lock();
    try {
      failed = true;
      release();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void release() {
    queue.forEach(ByteBuf::release);
    queue.clear();
    queuedBytes = 0;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ask();
    lock.lock();
    try {
      requireClient();
      while (queue.isEmpty() && !ended) {
        await();
        requireClient();
      }
      return queue.isEmpty() ? -1 : take(target, offset, length);
    } finally {
      lock.unlock();
    }
  }

  private void ask() {
    if (expected) {
      expected = false;
      channel.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  @GuardedBy("lock")
  private void requireClient() throws IOException {
    if (failed) {
      throw new IOException("the client went away");
    }
  }

  @GuardedBy("lock")
  @SuppressWarnings("WaitNotInLoop") // its caller loops
  private void await() throws IOException {
    long idle = limits.requestWithin().toNanos();
    long slow = idle + Duration.ofSeconds(receivedBytes / limits.leastBytesPerSecond()).toNanos();
    long start = System.nanoTime();
    try {
      boolean isLate = changed.awaitNanos(Math.min(idle, slow - waitedNanos)) <= 0;
      if (isLate && queue.isEmpty() && !ended) {
        throw new IOException("the client is too slow");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      waitedNanos += System.nanoTime() - start;
    }
  }

  @GuardedBy("lock")
  private int take(byte[] target, int offset, int length) {
    ByteBuf first = queue.getFirst();
    int count = Math.min(length, first.readableBytes());
    first.readBytes(target, offset, count);
    if (!first.isReadable()) {
      queue.removeFirst().release();
    }
    queuedBytes -= count;
    receivedBytes += count;
    if (queuedBytes < LOW_BYTES && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
    return count;
  }

  /** Reads what is left of it, if that is little and comes soon; false if there is more. */
  boolean drain() throws InterruptedException {
    long left = DRAIN_NANOS;
    long dropped = 0;
    lock.lock();
    try {
      while (true) {
        dropped += queuedBytes;
        release();
        if (ended || failed || expected || dropped > DRAIN_BYTES || left <= 0) {
          return ended;
        }
        channel.config().setAutoRead(true);
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What is left of it, and what comes of it still, is thrown away. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      release();
    } finally {
      lock.unlock();
    }
    channel.config().setAutoRead(true);
  }
}
