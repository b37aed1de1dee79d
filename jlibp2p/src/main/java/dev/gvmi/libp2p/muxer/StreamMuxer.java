package dev.gvmi.libp2p.muxer;

import dev.gvmi.libp2p.io.ByteStream;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/** A way to carry many streams over one connection. */
public interface StreamMuxer {
  /** The protocol id for multistream-select, for example {@code /yamux/1.0.0}. */
  String id();

  /**
   * Takes over the tail of a secured channel's pipeline (adds its handler last). <b>Thread:</b> the
   * channel's event loop.
   *
   * @param inbound called on the event loop for each stream the peer opens; must not block
   */
  MuxedConnection attach(Channel channel, boolean initiator, Consumer<ByteStream> inbound);
}
