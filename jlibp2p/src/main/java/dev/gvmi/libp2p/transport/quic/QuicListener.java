package dev.gvmi.libp2p.transport.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket that takes connections, in front of the codec in its pipeline. All of its connections
 * share it: when it is told to take no more it stays until the last of them is gone.
 *
 * <p><b>Thread:</b> event loop of the socket; {@link #stop} and {@link #close} from any other.
 */
final class QuicListener extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(QuicListener.class);
  private static final long CLOSE_SECONDS = 5;

  /** Long header, and its type; an Initial packet, which begins a connection, has type 0. */
  private static final int LONG_AND_TYPE = 0xb0;

  private static final int INITIAL = 0x80;

  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final Channel socket;
  private volatile boolean stopped;

  QuicListener(Channel socket) {
    this.socket = socket;
  }

  void add(Channel connection) {
    connections.add(connection);
  }

  /** With its real port. */
  InetSocketAddress address() {
    return (InetSocketAddress) socket.localAddress();
  }

  /**
   * A socket on {@code ::} takes IPv4 too: then {@code 0.0.0.0} at the same port needs none of its
   * own.
   */
  boolean covers(InetSocketAddress other) {
    InetSocketAddress own = address();
    return other.getPort() == own.getPort()
        && other.getAddress().isAnyLocalAddress()
        && !(other.getAddress() instanceof Inet6Address)
        && own.getAddress() instanceof Inet6Address
        && own.getAddress().isAnyLocalAddress();
  }

  /** Takes no new connection. */
  void stop() {
    stopped = true;
    if (connections.isEmpty()) {
      socket.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    } else {
      connections.newCloseFuture().addListener(gone -> socket.close());
    }
  }

  void close() {
    stopped = true;
    connections.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    socket.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    if (stopped && isInitial(packet)) {
      packet.release();
    } else {
      ctx.fireChannelRead(packet);
    }
  }

  private static boolean isInitial(DatagramPacket packet) {
    return packet.content().isReadable()
        && (packet.content().getByte(packet.content().readerIndex()) & LONG_AND_TYPE) == INITIAL;
  }

  /**
   * The end of the pipeline of a socket: what goes wrong with one packet is no concern of the
   * others.
   */
  static final class Tail extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("{}: {}", ctx.channel().localAddress(), cause.toString());
    }
  }
}
