package dev.gvmi.libp2p.transport.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;

/** The sockets of a platform. */
sealed interface Sockets permits EpollSockets, NioSockets {
  /** Those of Linux where its native library is there, else Java's. */
  static Sockets best() {
    return EpollSockets.available() ? new EpollSockets() : new NioSockets();
  }

  IoHandlerFactory handlers();

  ServerChannel listener(SocketProtocolFamily family);

  SocketChannel dialler();

  /** Sets what connections that are dialled need. */
  void options(Bootstrap dialler);

  /** Sets what connections that are accepted need. */
  void options(ServerBootstrap listener);

  /** Sets what can be known only of one that is connected. */
  void connected(Channel channel);
}
