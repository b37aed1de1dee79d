package dev.gvmi.libp2p.muxer.yamux;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that receive windows may take in all, beyond what each stream starts with. <b>Thread:</b>
 * any.
 */
public final class WindowBudget {
  /** For a host. */
  public static final long HOST_BYTES = 64L << 20;

  /** For one connection. */
  public static final long CONNECTION_BYTES = 24L << 20;

  private final AtomicLong left;

  public WindowBudget(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  /** Takes all of {@code bytes}, or nothing. */
  boolean take(long bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  void giveBack(long bytes) {
    left.addAndGet(bytes);
  }

  /** What is left of it, in bytes. */
  public long left() {
    return left.get();
  }
}
