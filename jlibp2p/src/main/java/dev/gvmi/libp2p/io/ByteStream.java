package dev.gvmi.libp2p.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A full-duplex byte stream with blocking calls, for virtual threads.
 *
 * <p><b>Thread:</b> one reader and one writer at a time; {@link #reset} and {@link #close} from any
 * thread.
 *
 * <p><b>Errors:</b> {@link StreamResetException} when either side has reset it or the connection is
 * gone, {@link java.net.SocketTimeoutException} when the deadline passes (the stream stays usable;
 * the caller normally resets it).
 */
public interface ByteStream extends AutoCloseable {
  /**
   * Reads at least one byte into {@code target}, waiting for it; returns how many, or -1 at the
   * end.
   */
  int read(ByteBuffer target) throws IOException;

  /**
   * Writes all of {@code source}, waiting for window and writability. The bytes are taken before it
   * returns.
   */
  void write(ByteBuffer source) throws IOException;

  /** What puts bytes where they are sent from. */
  @FunctionalInterface
  interface Filler {
    /** Fills each of them, one after the other. */
    void fill(ByteBuffer... targets) throws IOException;
  }

  /**
   * Writes as many bytes as {@code filler} is asked to put, on this thread, straight into the
   * buffers that are sent: a copy less than {@link #write(ByteBuffer)}, for what is read from a
   * file. Nothing is written if it fails.
   *
   * @param bytes held at once until they are sent
   */
  default void write(int bytes, Filler filler) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(bytes);
    filler.fill(all);
    write(all.flip());
  }

  /**
   * Hands what was written to the wire now. Without it, small writes may wait to be joined with the
   * next.
   */
  void flush() throws IOException;

  /** Longest time that any one later read or write may wait. */
  void timeout(Duration timeout);

  /** Tells the peer that nothing more will be written; reading goes on. Idempotent. */
  void closeWrite() throws IOException;

  /**
   * Ends both directions at once, with a libp2p stream error code (0: none). Idempotent, never
   * blocks.
   */
  void reset(long code);

  /** Closes writing and gives up reading; never blocks for the peer. */
  @Override
  void close();
}
