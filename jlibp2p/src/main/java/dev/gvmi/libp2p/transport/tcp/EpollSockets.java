package dev.gvmi.libp2p.transport.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets of Linux. Their buffer holds little that is not sent yet: else the kernel takes half a
 * second of a slow uplink's data, and all that a connection has to say waits behind it. What is
 * sent and not acknowledged is not bounded by that, so that it costs no speed on a long way.
 *
 * <p>On a long way what they send is paced: see {@link SocketPacer}. On a near one that costs the
 * CPU more than it saves.
 *
 * <p><b>Source:</b> tcp(7), TCP_NOTSENT_LOWAT.
 */
final class EpollSockets implements Sockets {
  private static final Logger LOG = LoggerFactory.getLogger(EpollSockets.class);

  /**
   * 25 ms at 10 Mbit/s; the kernel takes a whole frame more, and another waits in the channel in
   * front of it.
   */
  private static final long MAX_UNSENT_BYTES = 32 << 10;

  /** A way is long from here on, in microseconds: longer than those of a LAN. */
  static final int LONG_ROUND_TRIP_MICROS = 3_000;

  static boolean available() {
    boolean available = Epoll.isAvailable();
    if (!available) {
      LOG.debug("no native epoll: {}", String.valueOf(Epoll.unavailabilityCause()));
    }
    return available;
  }

  @Override
  public IoHandlerFactory handlers() {
    return EpollIoHandler.newFactory();
  }

  @Override
  public ServerChannel listener(SocketProtocolFamily family) {
    return new EpollServerSocketChannel(family);
  }

  @Override
  public SocketChannel dialler() {
    return new EpollSocketChannel();
  }

  @Override
  public void options(Bootstrap dialler) {
    dialler.option(EpollChannelOption.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES);
  }

  @Override
  public void options(ServerBootstrap listener) {
    listener.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES);
  }

  @Override
  public void connected(Channel channel) {
    if (channel instanceof EpollSocketChannel socket) {
      try {
        pace(socket, socket.tcpInfo().rtt());
      } catch (ChannelException e) {
        LOG.debug("{} was closed at once: {}", channel, String.valueOf(e.getMessage()));
      }
    }
  }

  static void pace(EpollSocketChannel socket, long roundTripMicros) {
    if (roundTripMicros >= LONG_ROUND_TRIP_MICROS) {
      socket.pipeline().addFirst(new SocketPacer(socket));
    }
  }
}
