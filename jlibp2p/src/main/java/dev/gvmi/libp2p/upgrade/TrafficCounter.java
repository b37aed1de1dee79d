package dev.gvmi.libp2p.upgrade;

import dev.gvmi.libp2p.io.Traffic;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the bytes of a connection, buffer by buffer, at the head of its pipeline. <b>Thread:</b>
 * event loop of the connection; the sums any.
 */
final class TrafficCounter extends ChannelDuplexHandler implements Traffic {
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      received.add(bytes.readableBytes());
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      sent.add(bytes.readableBytes());
    }
    ctx.write(message, promise);
  }

  @Override
  public long receivedBytes() {
    return received.sum();
  }

  @Override
  public long sentBytes() {
    return sent.sum();
  }
}
