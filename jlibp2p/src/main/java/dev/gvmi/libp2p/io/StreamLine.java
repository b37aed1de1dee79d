package dev.gvmi.libp2p.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The line: on one side an event loop that must never wait, on the other a reader and a writer that
 * do nothing but wait.
 *
 * <p>Inbound, the event loop {@link #offer}s buffers; how many may pile up is bounded by the flow
 * control of the {@link Wire}, which is credited only when the reader has taken them. Outbound, the
 * writer fills pooled buffers and waits when {@link #HIGH_BYTES} are queued; the event loop {@link
 * #poll}s them when the wire has room. Locks are held to move references, and to copy what is too
 * small to keep (see {@link Inbox}).
 *
 * <p><b>Thread:</b> {@link ByteStream} methods as said there; the others on the event loop of the
 * connection.
 */
public final class StreamLine implements ByteStream {
  /** Room in front of each outbound buffer, for the header of the layer below. */
  public static final int HEADROOM_BYTES = 12;

  /** Payload of one outbound buffer: with its header it fits one Noise message. */
  public static final int MAX_PIECE_BYTES = 65_519 - HEADROOM_BYTES;

  /** With so much queued the writer waits, */
  private static final int HIGH_BYTES = 256 << 10;

  /** ... until less than this is left: it is woken seldom, and the wire does not run dry. */
  private static final int LOW_BYTES = 128 << 10;

  private static final int MAX_DISCARDED_BYTES = 1 << 20;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private final Wire wire;
  private final ByteBufAllocator allocator;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();
  private volatile long timeoutNanos = DEFAULT_TIMEOUT.toNanos();

  /** The buffer being read. */
  @GuardedBy("lock")
  private @Nullable ByteBuf current;

  @GuardedBy("lock")
  private final Inbox inbound;

  @GuardedBy("lock")
  private final Outbox outbound = new Outbox();

  @GuardedBy("lock")
  private boolean inboundEnd;

  @GuardedBy("lock")
  private boolean writeClosed;

  @GuardedBy("lock")
  private boolean endSent;

  @GuardedBy("lock")
  private boolean readerGone;

  @GuardedBy("lock")
  private boolean reading;

  @GuardedBy("lock")
  private int discarded;

  @GuardedBy("lock")
  private @Nullable StreamResetException failure;

  /** Why nothing can be written any more, when the peer's end has come and can still be read. */
  @GuardedBy("lock")
  private @Nullable StreamResetException lost;

  public StreamLine(Wire wire, ByteBufAllocator allocator) {
    this.wire = wire;
    this.allocator = allocator;
    this.inbound = new Inbox(allocator);
  }

  // ---- above the line ----

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    int start = target.position();
    ByteBuf from = beginRead();
    if (from == null) {
      return -1;
    }
    while (from != null) {
      from = take(from, target);
    }
    int count = target.position() - start;
    wire.consumed(count);
    return count;
  }

  /** Copies what there is room for; the next buffer, if there is more room and it is here. */
  private @Nullable ByteBuf take(ByteBuf from, ByteBuffer target) {
    boolean more = false;
    ByteBuf next;
    try {
      int limit = target.limit();
      target.limit(target.position() + Math.min(target.remaining(), from.readableBytes()));
      from.readBytes(target);
      target.limit(limit);
      more = target.hasRemaining();
    } finally {
      next = endRead(from, more);
    }
    return next;
  }

  /** The buffer to read from, marked as in use; null at the end of the stream. */
  private @Nullable ByteBuf beginRead() throws IOException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (current == null) {
        failIfReset();
        if (readerGone) {
          throw new IOException("stream is closed");
        }
        current = inbound.poll();
        if (current == null) {
          if (inboundEnd) {
            return null;
          }
          left = await(readable, left, "data");
        }
      }
      reading = true;
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** The next buffer, marked as in use, if more is wanted and it is here. */
  private @Nullable ByteBuf endRead(ByteBuf from, boolean more) {
    lock.lock();
    try {
      if (!from.isReadable() || readerGone || failure != null) {
        current = more && !readerGone && failure == null ? inbound.poll() : null;
        from.release();
      }
      reading = more && current != null;
      return reading ? current : null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      awaitRoom(HIGH_BYTES);
      enqueue(List.of(Outbox.copy(source, allocator)));
      wire.pending();
    }
  }

  @Override
  public void write(int bytes, Filler filler) throws IOException {
    awaitRoom(LOW_BYTES);
    enqueue(Outbox.fill(bytes, filler, allocator));
    wire.pending();
  }

  /** Waits until less than this is queued. */
  private void awaitRoom(int queued) throws IOException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (true) {
        failIfUnwritable();
        if (outbound.bytes() < queued) {
          return;
        }
        left = await(writable, left, "room to write");
      }
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(List<ByteBuf> pieces) throws IOException {
    lock.lock();
    try {
      failIfUnwritable();
      pieces.forEach(outbound::add);
    } catch (IOException e) {
      pieces.forEach(ByteBuf::release);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void failIfReset() throws StreamResetException {
    if (failure != null) {
      throw again(failure);
    }
  }

  @GuardedBy("lock")
  private void failIfUnwritable() throws IOException {
    failIfReset();
    if (lost != null) {
      throw again(lost);
    }
    if (writeClosed) {
      throw new IOException("stream is closed for writing");
    }
  }

  /** With the stack of the caller that it fails. */
  private static StreamResetException again(StreamResetException reason) {
    return new StreamResetException(String.valueOf(reason.getMessage()), reason.code());
  }

  @GuardedBy("lock")
  @SuppressWarnings("WaitNotInLoop") // every caller loops
  private long await(Condition condition, long nanos, String what) throws IOException {
    if (nanos <= 0) {
      throw new SocketTimeoutException(
          "waited " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms for " + what);
    }
    try {
      return condition.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + what);
    }
  }

  @Override
  public void flush() {
    wire.pending();
  }

  @Override
  public void timeout(Duration timeout) {
    timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
  }

  @Override
  public void closeWrite() {
    lock.lock();
    try {
      writeClosed = true;
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    wire.pending();
  }

  @Override
  public void reset(long code) {
    if (fail("stream was reset here", code)) {
      wire.reset(code);
    }
  }

  @Override
  public void close() {
    int dropped;
    lock.lock();
    try {
      readerGone = true;
      dropped = releaseInbound();
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    closeWrite();
    if (dropped > 0) {
      wire.consumed(dropped);
    }
  }

  /** Lets go of unread buffers, but not of one that is being copied; returns their bytes. */
  @GuardedBy("lock")
  private int releaseInbound() {
    int bytes = 0;
    if (current != null && !reading) {
      bytes += current.readableBytes();
      current.release();
      current = null;
    }
    for (ByteBuf unread = inbound.poll(); unread != null; unread = inbound.poll()) {
      bytes += unread.readableBytes();
      unread.release();
    }
    return bytes;
  }

  // ---- below the line ----

  /** Takes over a buffer from the peer. */
  public void offer(ByteBuf data) {
    int bytes = data.readableBytes();
    boolean tooMuch;
    lock.lock();
    try {
      if (!readerGone && failure == null && bytes > 0) {
        inbound.add(data);
        readable.signal();
        return;
      }
      discarded += bytes;
      tooMuch = discarded > MAX_DISCARDED_BYTES;
    } finally {
      lock.unlock();
    }
    data.release();
    if (tooMuch) {
      reset(0);
    } else {
      wire.consumed(bytes);
    }
  }

  /** The peer will send no more. */
  public void ended() {
    lock.lock();
    try {
      inboundEnd = true;
      readable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Both directions are over and everything that waits fails; false if they were over before. */
  public boolean fail(String reason, long code) {
    lock.lock();
    try {
      if (failure != null) {
        return false;
      }
      failure = new StreamResetException(reason, code);
      releaseInbound();
      dropOutbound();
      return !(inboundEnd && endSent);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The peer has reset the stream, or the connection is gone. What the peer sent before its end can
   * still be read, if the end has come; anything else fails.
   */
  public void aborted(String reason, long code) {
    lock.lock();
    try {
      if (!inboundEnd || code != 0) {
        fail(reason, code);
        return;
      }
      endSent = true;
      lost = new StreamResetException(reason, code);
      dropOutbound();
    } finally {
      lock.unlock();
    }
  }

  /** The peer takes no more, for all writes that follow fail; what it sends can still be read. */
  public void refused(String reason, long code) {
    lock.lock();
    try {
      if (failure == null && lost == null) {
        endSent = true;
        lost = new StreamResetException(reason, code);
        dropOutbound();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void dropOutbound() {
    outbound.clear();
    writeClosed = true;
    readable.signalAll();
    writable.signalAll();
  }

  /**
   * The next bytes to send, at most {@code max}; null if there are none. The caller owns the
   * buffer. If nobody shares it (its reference count is 1), what is in front of its reader index is
   * free to use.
   */
  public @Nullable ByteBuf poll(int max) {
    lock.lock();
    try {
      boolean wasHigh = outbound.bytes() >= LOW_BYTES;
      ByteBuf piece = outbound.poll(max);
      if (wasHigh && outbound.bytes() < LOW_BYTES) {
        writable.signal();
      }
      return piece;
    } finally {
      lock.unlock();
    }
  }

  /** Whether data waits to be sent. */
  public boolean hasOutbound() {
    lock.lock();
    try {
      return !outbound.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** True once, when all data is polled and the writer has closed: the end must be sent. */
  public boolean takeEnd() {
    lock.lock();
    try {
      boolean now = writeClosed && !endSent && outbound.isEmpty() && failure == null;
      endSent |= now;
      return now;
    } finally {
      lock.unlock();
    }
  }
}
