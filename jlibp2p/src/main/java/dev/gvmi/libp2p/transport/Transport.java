package dev.gvmi.libp2p.transport;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.upgrade.ConnectionUpgrade;
import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Makes connections: raw ones, which the host's upgrader secures and multiplexes, or ones that
 * bring both with them.
 *
 * <p><b>Thread:</b> any.
 */
public interface Transport extends AutoCloseable {
  /** Whether addresses of this form are its own. */
  boolean handles(Multiaddr address);

  /**
   * What makes its channels authenticated connections with streams; empty if they carry raw bytes.
   */
  default Optional<ConnectionUpgrade> upgrade() {
    return Optional.empty();
  }

  /**
   * Why this machine cannot have it, if so. Its addresses are its own all the same, but nothing can
   * be done with them.
   */
  default Optional<String> unavailable() {
    return Optional.empty();
  }

  /**
   * Binds and accepts; waits until it is bound.
   *
   * @param accepted called on the new channel's event loop, before any handshake; must not block
   * @return the address with its real port
   */
  Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException;

  /** Where the other end of one of its channels is. */
  Multiaddr remoteAddress(Channel channel);

  /**
   * Connects. The future completes on the channel's event loop; cancelling it closes a channel that
   * comes late.
   *
   * <p>A raw channel does not read before it is told to ({@code AUTO_READ}): whoever dials may see
   * it later than the other end, which may speak first.
   *
   * @param address if it ends in {@code /p2p}, a transport that authenticates accepts this peer
   *     only
   */
  CompletableFuture<Channel> dial(Multiaddr address, Duration timeout);

  /** Stops listening; existing connections live on. */
  void stopListening();

  /** Ends all; waits for its threads. */
  @Override
  void close();
}
