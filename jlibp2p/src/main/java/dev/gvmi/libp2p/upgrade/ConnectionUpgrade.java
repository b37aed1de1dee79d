package dev.gvmi.libp2p.upgrade;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.peer.PeerId;
import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way from a transport's channel to an authenticated connection with streams. */
public interface ConnectionUpgrade {
  /**
   * Makes the channel such a connection.
   *
   * <p><b>Thread:</b> the channel's event loop, or for a dialled channel any.
   *
   * <p><b>Errors:</b> the future fails with an {@link java.io.IOException} and the channel is
   * closed.
   *
   * @param initiator whether this side dialled
   * @param expected the peer that was dialled, or null if any is welcome
   * @param inbound called on the event loop for each stream the peer opens; must not block
   */
  CompletableFuture<Upgraded> upgrade(
      Channel channel, boolean initiator, @Nullable PeerId expected, Consumer<ByteStream> inbound);
}
