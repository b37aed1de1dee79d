package dev.gvmi.libp2p.security;

import dev.gvmi.libp2p.peer.PeerId;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/** A way to authenticate and encrypt a connection. */
public interface SecurityProtocol {
  /** The protocol id for multistream-select, for example {@code /noise}. */
  String id();

  /**
   * A new handler for one connection, put at the place in the pipeline where plain bytes become
   * ciphertext. It starts its handshake when it is added to an active channel, fires one {@link
   * Secured} user event towards the tail when it is done, and from then on decrypts inbound and
   * encrypts outbound bytes ({@code ByteBuf}). Application bytes that come with the last handshake
   * message follow the event in order. Failure: {@code exceptionCaught} towards the tail and the
   * channel is closed.
   *
   * @param initiator whether this side dialled
   * @param expected the peer that was dialled, or null if any is welcome
   */
  ChannelHandler newHandler(boolean initiator, @Nullable PeerId expected);

  /**
   * Does ahead what the first handler would otherwise make an event loop wait for. Called at most
   * once, from a thread that may block, and handlers may be made meanwhile.
   */
  default void prepare() {}
}
