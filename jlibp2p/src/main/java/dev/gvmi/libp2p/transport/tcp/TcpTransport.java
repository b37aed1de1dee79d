package dev.gvmi.libp2p.transport.tcp;

import dev.gvmi.libp2p.io.Buffers;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** TCP by Netty, one event loop per core. <b>Thread:</b> any. */
public final class TcpTransport implements Transport {
  private static final int CONNECT_LIMIT_MILLIS = 10_000;
  private static final int BACKLOG = 128;

  private final Sockets sockets = Sockets.best();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("libp2p-io", true),
          sockets.handlers());
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();

  /**
   * Those open. A loop that is told to end while it hands out a new channel ends without closing
   * it, so we close all.
   */
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  @Override
  public boolean handles(Multiaddr address) {
    return address.tcpAddress().isPresent();
  }

  /**
   * A socket on {@code ::} takes IPv4 too: then {@code 0.0.0.0} at the same port needs none of its
   * own.
   */
  @Override
  public Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException {
    InetSocketAddress socket = address.tcpAddress().orElseThrow();
    if (isCovered(socket)) {
      return Multiaddr.ofTcp(socket);
    }
    ServerBootstrap bootstrap = new ServerBootstrap();
    sockets.options(bootstrap);
    ChannelFuture bound =
        bootstrap
            .group(loops)
            .channelFactory(() -> sockets.listener(familyOf(socket)))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new OnActive(channel -> {
                  opened(channel);
                  accepted.accept(channel);
                }))
            .bind(socket)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + reason(bound.cause()), bound.cause());
    }
    listeners.add(bound.channel());
    return Multiaddr.ofTcp((InetSocketAddress) bound.channel().localAddress());
  }

  private static SocketProtocolFamily familyOf(InetSocketAddress socket) {
    return socket.getAddress() instanceof Inet4Address
        ? SocketProtocolFamily.INET
        : SocketProtocolFamily.INET6;
  }

  private boolean isCovered(InetSocketAddress socket) {
    return socket.getPort() != 0
        && socket.getAddress() instanceof Inet4Address
        && socket.getAddress().isAnyLocalAddress()
        && listeners.stream()
            .map(listener -> (InetSocketAddress) listener.localAddress())
            .anyMatch(other ->
                other.getPort() == socket.getPort()
                    && other.getAddress() instanceof Inet6Address
                    && other.getAddress().isAnyLocalAddress());
  }

  @Override
  public Multiaddr remoteAddress(Channel channel) {
    return Multiaddr.ofTcp((InetSocketAddress) channel.remoteAddress());
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  @Override
  public CompletableFuture<Channel> dial(Multiaddr address, Duration timeout) {
    CompletableFuture<Channel> result = new CompletableFuture<>();
    Bootstrap bootstrap = new Bootstrap();
    sockets.options(bootstrap);
    ChannelFuture connecting =
        bootstrap
            .group(loops)
            .channelFactory(sockets::dialler)
            .option(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.clamp(timeout.toMillis(), 1, CONNECT_LIMIT_MILLIS))
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    // handlers are added by the upgrade, when it is connected
                  }
                })
            .connect(address.tcpAddress().orElseThrow());
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        result.completeExceptionally(
            new IOException(
                "cannot connect to " + address + ": " + reason(done.cause()), done.cause()));
        return;
      }
      opened(connecting.channel());
      if (!result.complete(connecting.channel())) {
        connecting.channel().close();
      }
    });
    return result;
  }

  private void opened(Channel channel) {
    connections.add(channel);
    sockets.connected(channel);
  }

  @Override
  public void stopListening() {
    listeners.forEach(listener -> listener.close().awaitUninterruptibly(5, TimeUnit.SECONDS));
    listeners.clear();
  }

  @Override
  public void close() {
    stopListening();
    connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** Tells of an accepted channel when it is active, then leaves its pipeline. */
  @ChannelHandler.Sharable
  private static final class OnActive extends ChannelInboundHandlerAdapter {
    private final Consumer<Channel> accepted;

    OnActive(Consumer<Channel> accepted) {
      this.accepted = accepted;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.pipeline().remove(this);
      accepted.accept(ctx.channel());
    }
  }
}
