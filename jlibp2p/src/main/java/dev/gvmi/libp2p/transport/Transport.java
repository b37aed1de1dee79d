package dev.gvmi.libp2p.transport;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Makes raw connections. <b>Thread:</b> any. */
public interface Transport extends AutoCloseable {
  /** Whether addresses of this form are its own. */
  boolean handles(Multiaddr address);

  /**
   * Binds and accepts; waits until it is bound.
   *
   * @param accepted called on the new channel's event loop; must not block
   * @return the address with its real port
   */
  Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException;

  /** Where the other end of one of its channels is. */
  Multiaddr remoteAddress(Channel channel);

  /**
   * Connects. The future completes on the channel's event loop; cancelling it closes a channel that comes late.
   *
   * <p>The channel does not read before it is told to ({@code AUTO_READ}): whoever dials may see it later than the other end, which
   * may speak first.
   */
  CompletableFuture<Channel> dial(Multiaddr address, Duration timeout);

  /** Stops listening; existing connections live on. */
  void stopListening();

  /** Ends all; waits for its threads. */
  @Override
  void close();
}
