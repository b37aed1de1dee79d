package dev.gvmi.libp2p.io;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Where the buffers of all connections come from. A connection moves pieces of 64 KiB from one
 * thread to another; Netty's default allocator makes such a buffer anew each time when threads
 * compete, an allocation for every byte.
 *
 * <p><b>Thread:</b> any.
 */
public final class Buffers {
  private static final int ARENAS = 2;
  private static final int PAGE_BYTES = 8 << 10;

  /** Memory is taken from the system by 1 MiB. */
  private static final int PAGES_LOG2 = 7;

  private static final int CACHED_SMALL = 64;
  private static final int CACHED_NORMAL = 0;

  public static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(
          true, ARENAS, ARENAS, PAGE_BYTES, PAGES_LOG2, CACHED_SMALL, CACHED_NORMAL, false);

  private Buffers() {}
}
