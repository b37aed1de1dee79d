package dev.gvmi.libp2p.transport.tcp;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

/**
 * Has the kernel spread what a socket sends over the round trip, within a {@link PacingLimit}. Else
 * it sends what its window allows at once, the queue in front of the line drops a part, and each
 * loss costs a part of the rate.
 *
 * <p><b>Thread:</b> the channel's; a socket that sends nothing costs nothing.
 *
 * <p><b>Source:</b> socket(7), SO_MAX_PACING_RATE; linux/tcp.h, struct tcp_info.
 */
final class SocketPacer extends ChannelOutboundHandlerAdapter {
  /** In bytes per second; -1: not spread. */
  static final IntegerUnixChannelOption MAX_PACING_RATE =
      new IntegerUnixChannelOption("SO_MAX_PACING_RATE", 1, 47);

  private static final int ACKNOWLEDGED_AT = 120;
  private static final RawUnixChannelOption TCP_INFO =
      new RawUnixChannelOption("TCP_INFO", 6, 11, ACKNOWLEDGED_AT + Long.BYTES);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final EpollSocketChannel socket;
  private final PacingLimit pacing;
  private long lastLook = System.nanoTime();
  private int set;

  SocketPacer(EpollSocketChannel socket) {
    this.socket = socket;
    this.pacing = new PacingLimit(lastLook);
    limit(PacingLimit.NONE);
  }

  private void limit(int bytesPerSecond) {
    if (bytesPerSecond != set) {
      socket.config().setOption(MAX_PACING_RATE, bytesPerSecond);
      set = bytesPerSecond;
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    long now = System.nanoTime();
    if (now - lastLook >= LOOK_NANOS) {
      lastLook = now;
      look(now);
    }
    ctx.flush();
  }

  private void look(long now) {
    try {
      limit(pacing.look(acknowledgedBytes(socket), now));
    } catch (ChannelException e) {
      // it is closed: the flush says so
    }
  }

  /** Since it was opened. */
  static long acknowledgedBytes(EpollSocketChannel socket) {
    ByteBuffer info = socket.config().getOption(TCP_INFO);
    return info.order(ByteOrder.nativeOrder()).getLong(ACKNOWLEDGED_AT);
  }
}
