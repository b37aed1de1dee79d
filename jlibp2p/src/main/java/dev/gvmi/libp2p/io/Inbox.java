package dev.gvmi.libp2p.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What came from the peer and nobody has read yet, in order. A small buffer is copied behind the
 * one before it: else a peer that sends single bytes makes each of them hold on to the large buffer
 * that it came in.
 *
 * <p><b>Thread:</b> under the lock of its owner.
 */
final class Inbox {
  /**
   * Buffers below this are copied together, into buffers of at most this size. A TLS record, less
   * the header of a frame, is not.
   */
  static final int COPIED_BYTES = 15 << 10;

  private static final int SMALLEST_BYTES = 256;

  private final ByteBufAllocator allocator;
  private final Deque<ByteBuf> buffers = new ArrayDeque<>();

  /** The last of the buffers if it is ours to write to. */
  private @Nullable ByteBuf open;

  Inbox(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** Takes over {@code data}. */
  void add(ByteBuf data) {
    int count = data.readableBytes();
    if (count >= COPIED_BYTES) {
      open = null;
      buffers.add(data);
      return;
    }
    ByteBuf last = open;
    if (last == null || last.maxWritableBytes() < count) {
      last = allocator.buffer(Math.max(count, SMALLEST_BYTES), COPIED_BYTES);
      open = last;
      buffers.add(last);
    }
    last.writeBytes(data);
    data.release();
  }

  /** The first buffer, which nothing is added to any more; null if there is none. */
  @Nullable ByteBuf poll() {
    ByteBuf first = buffers.poll();
    if (buffers.isEmpty()) {
      open = null;
    }
    return first;
  }
}
