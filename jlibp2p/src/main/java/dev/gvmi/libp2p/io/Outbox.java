package dev.gvmi.libp2p.io;

import dev.gvmi.libp2p.io.ByteStream.Filler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was written and has not been sent yet, in order: buffers with {@link
 * StreamLine#HEADROOM_BYTES} in front, of {@link StreamLine#MAX_PIECE_BYTES} at most.
 *
 * <p><b>Thread:</b> under the lock of its owner; buffers are made without it.
 */
final class Outbox {
  private final Deque<ByteBuf> buffers = new ArrayDeque<>();
  private int bytes;

  /** A buffer with as much of the source as fits. */
  static ByteBuf copy(ByteBuffer source, ByteBufAllocator allocator) {
    int count = Math.min(source.remaining(), StreamLine.MAX_PIECE_BYTES);
    ByteBuf buffer = buffer(count, allocator);
    int limit = source.limit();
    buffer.writeBytes(source.limit(source.position() + count));
    source.limit(limit);
    return buffer;
  }

  /** Buffers with so many bytes that the filler has put; none are left over if it fails. */
  static List<ByteBuf> fill(int bytes, Filler filler, ByteBufAllocator allocator)
      throws IOException {
    List<ByteBuf> buffers = new ArrayList<>();
    try {
      ByteBuffer[] targets = new ByteBuffer[Math.ceilDiv(bytes, StreamLine.MAX_PIECE_BYTES)];
      for (int i = 0; i < targets.length; i++) {
        int left = bytes - i * StreamLine.MAX_PIECE_BYTES;
        int count = Math.min(left, StreamLine.MAX_PIECE_BYTES);
        ByteBuf buffer = buffer(count, allocator);
        buffers.add(buffer);
        targets[i] = buffer.internalNioBuffer(buffer.writerIndex(), count);
        buffer.writerIndex(buffer.writerIndex() + count);
      }
      filler.fill(targets);
      for (ByteBuffer target : targets) {
        if (target.hasRemaining()) { // what a buffer held before is nobody's business
          throw new IllegalStateException(target.remaining() + " bytes to send were not put");
        }
      }
      return buffers;
    } catch (IOException | RuntimeException e) {
      buffers.forEach(ByteBuf::release);
      throw e;
    }
  }

  private static ByteBuf buffer(int count, ByteBufAllocator allocator) {
    ByteBuf buffer = allocator.buffer(StreamLine.HEADROOM_BYTES + count);
    return buffer.setIndex(StreamLine.HEADROOM_BYTES, StreamLine.HEADROOM_BYTES);
  }

  /** Takes over a buffer. */
  void add(ByteBuf buffer) {
    buffers.add(buffer);
    bytes += buffer.readableBytes();
  }

  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return buffers.isEmpty();
  }

  /** The first bytes, at most {@code max}, as the caller's own; null if there are none. */
  @Nullable ByteBuf poll(int max) {
    ByteBuf head = buffers.peek();
    if (head == null || max <= 0) {
      return null;
    }
    boolean whole = head.readableBytes() <= max;
    ByteBuf piece = whole ? buffers.remove() : head.readRetainedSlice(max);
    bytes -= piece.readableBytes();
    return piece;
  }

  void clear() {
    buffers.forEach(ByteBuf::release);
    buffers.clear();
    bytes = 0;
  }
}
