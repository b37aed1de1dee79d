package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The raw bytes behind an answer on their way. Memory grows with what has come, not with what the
 * peer says will come; a peer that trickles is given up.
 *
 * <p><b>Thread:</b> one; {@link #read} blocks.
 */
final class RawBody {
  private static final int PIECE_BYTES = 256 << 10;
  private static final int LEAST_BYTES_PER_SECOND = 64 << 10;

  private final String name;
  private final Stream stream;
  private final int length;
  private final BooleanSupplier stopped;
  private final long deadline;

  /** Looks at the first bytes before the rest is taken. */
  @FunctionalInterface
  interface HeadCheck {
    void check(ByteBuffer head) throws ProtocolException;
  }

  /**
   * Bytes that a peer says will come.
   *
   * @param stopped looked at as they come: true ends it with an {@link IOException}
   * @throws ProtocolException if they are more than any answer has
   */
  RawBody(String name, Stream stream, long lengthBytes, BooleanSupplier stopped)
      throws ProtocolException {
    if (lengthBytes < 1 || lengthBytes > Manifest.MAX_BYTES) {
      throw new ProtocolException(name + " of " + lengthBytes + " bytes");
    }
    this.name = name;
    this.stream = stream;
    this.length = (int) lengthBytes;
    this.stopped = stopped;
    Duration limit = Protocols.STALL.plusSeconds(length / LEAST_BYTES_PER_SECOND);
    this.deadline = System.nanoTime() + limit.toNanos();
  }

  ByteBuffer read(int headBytes, HeadCheck check) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(Math.min(length, PIECE_BYTES));
    fill(all.limit(Math.min(length, headBytes)));
    check.check(all.duplicate().flip());
    fill(all.limit(all.capacity()));
    while (all.capacity() < length) {
      int more = (int) Math.min(length, 2L * all.capacity());
      all = ByteBuffer.allocate(more).put(all.flip());
      fill(all);
    }
    return all.flip();
  }

  private void fill(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (stream.read(target) < 0) {
        throw new EOFException("the " + name + " ended early");
      }
      if (stopped.getAsBoolean()) {
        throw new IOException("the " + name + " is not needed any more");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("the " + name + " comes too slowly");
      }
    }
  }
}
