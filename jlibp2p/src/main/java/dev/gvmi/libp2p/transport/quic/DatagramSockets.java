package dev.gvmi.libp2p.transport.quic;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.net.Inet4Address;
import java.net.InetSocketAddress;

/**
 * The UDP sockets of this platform: those of Linux where its native library is there, else Java's.
 */
enum DatagramSockets {
  EPOLL {
    @Override
    IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }

    @Override
    DatagramChannel open(SocketProtocolFamily family) {
      return new EpollDatagramChannel(family);
    }

    @Override
    SegmentedDatagramPacketAllocator segments() {
      return EpollQuicUtils.newSegmentedAllocator(MAX_SEGMENTS);
    }
  },
  NIO {
    @Override
    IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    DatagramChannel open(SocketProtocolFamily family) {
      return new NioDatagramChannel(family);
    }

    @Override
    SegmentedDatagramPacketAllocator segments() {
      return SegmentedDatagramPacketAllocator.NONE;
    }
  };

  /** Packets that the system takes at one call. */
  private static final int MAX_SEGMENTS = 16;

  static DatagramSockets best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  abstract IoHandlerFactory handlers();

  abstract DatagramChannel open(SocketProtocolFamily family);

  /** How several packets become one write, where the system can do that. */
  abstract SegmentedDatagramPacketAllocator segments();

  static SocketProtocolFamily familyOf(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? SocketProtocolFamily.INET
        : SocketProtocolFamily.INET6;
  }
}
