package dev.gvmi.libp2p.transport.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** Java's sockets. */
final class NioSockets implements Sockets {
  private static final SelectorProvider PROVIDER = SelectorProvider.provider();

  @Override
  public IoHandlerFactory handlers() {
    return NioIoHandler.newFactory();
  }

  @Override
  public ServerChannel listener(SocketProtocolFamily family) {
    return new NioServerSocketChannel(PROVIDER, family);
  }

  @Override
  public SocketChannel dialler() {
    return new NioSocketChannel();
  }

  @Override
  public void options(Bootstrap dialler) {
    // none
  }

  @Override
  public void options(ServerBootstrap listener) {
    // none
  }

  @Override
  public void connected(Channel channel) {
    // nothing
  }
}
