package dev.gvmi.libp2p.transport.quic;

import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.reflect.Method;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's table of the streams of a connection. It drops a stream when both sides have ended it, but one that was reset it
 * keeps until the connection ends, so that a peer that resets streams fills the memory. There is no public way to drop one.
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
final class StreamTable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTable.class);

  private StreamTable() {}

  /** Drops a stream that was reset; false if this Netty does not let us. */
  static boolean forget(QuicStreamChannel stream) {
    try {
      Method closed = stream.parent().getClass().getDeclaredMethod("streamClosed", long.class);
      closed.setAccessible(true);
      closed.invoke(stream.parent(), stream.streamId());
      return true;
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("stream {} stays in the table: {}", stream.streamId(), e.toString());
      return false;
    }
  }
}
