package dev.gvmi.libp2p.transport.quic;

import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the streams of a connection, Netty's and quiche's, where they part. There is no
 * public way to either.
 *
 * <p>Netty drops a stream when both sides have ended it, but one that was reset it keeps until the
 * connection ends, so that a peer that resets streams fills the memory. quiche drops a stream that
 * the peer has ended and reads no more; Netty holds what is written to it then, and waits for room
 * that never comes (netty issue 15924).
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
final class StreamTable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTable.class);

  /** quiche's code for no room now. */
  private static final long DONE = -1;

  private StreamTable() {}

  /** Drops a stream that was reset; false if this Netty does not let us. */
  static boolean forget(QuicStreamChannel stream) {
    try {
      call(stream, "streamClosed");
      return true;
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("stream {} stays in the table: {}", stream.streamId(), e.toString());
      return false;
    }
  }

  /**
   * Whether nothing can be written to a stream, now and later; false if this Netty does not say.
   */
  static boolean isGone(QuicStreamChannel stream) {
    try {
      return call(stream, "streamCapacity") instanceof Long capacity && capacity < DONE;
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("stream {} may be gone: {}", stream.streamId(), e.toString());
      return false;
    }
  }

  private static @Nullable Object call(QuicStreamChannel stream, String method)
      throws ReflectiveOperationException {
    Method found = stream.parent().getClass().getDeclaredMethod(method, long.class);
    found.setAccessible(true);
    return found.invoke(stream.parent(), stream.streamId());
  }
}
