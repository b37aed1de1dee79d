package dev.gvmi.libp2p.negotiate;

import dev.gvmi.libp2p.negotiate.MultistreamCodec.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Agrees on one protocol for a connection, then gives way to it: calls {@code agreed}, which puts
 * the protocol's handlers behind this one, removes itself and passes on what came after the
 * negotiation.
 *
 * <p><b>Thread:</b> event loop of the connection.
 */
public final class NegotiationHandler extends ByteToMessageDecoder {
  private final MultistreamCodec.@Nullable Dialer dialer;
  private final MultistreamCodec.@Nullable Listener listener;
  private final BiConsumer<ChannelHandlerContext, String> agreed;
  private boolean opened;

  /** What comes after, or was buffered behind, a message that breaks the rules is not looked at. */
  private boolean failed;

  private NegotiationHandler(
      MultistreamCodec.@Nullable Dialer dialer,
      MultistreamCodec.@Nullable Listener listener,
      BiConsumer<ChannelHandlerContext, String> agreed) {
    this.dialer = dialer;
    this.listener = listener;
    this.agreed = agreed;
    setSingleDecode(true);
  }

  /** Proposes {@code protocols} in this order. */
  public static NegotiationHandler dialer(
      List<String> protocols, BiConsumer<ChannelHandlerContext, String> agreed) {
    return new NegotiationHandler(new MultistreamCodec.Dialer(protocols), null, agreed);
  }

  /** Accepts the first proposal that is in {@code protocols}. */
  public static NegotiationHandler listener(
      List<String> protocols, BiConsumer<ChannelHandlerContext, String> agreed) {
    return new NegotiationHandler(null, new MultistreamCodec.Listener(protocols::contains), agreed);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      open(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    open(ctx);
    super.channelActive(ctx);
  }

  private void open(ChannelHandlerContext ctx) {
    if (!opened && dialer != null) {
      opened = true;
      ctx.writeAndFlush(Unpooled.wrappedBuffer(dialer.opening()), ctx.voidPromise());
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws ProtocolException {
    try {
      if (!failed) {
        negotiate(ctx, in);
      }
    } catch (ProtocolException e) {
      failed = true;
      throw e;
    } finally {
      if (failed) {
        in.skipBytes(in.readableBytes());
      }
    }
  }

  private void negotiate(ChannelHandlerContext ctx, ByteBuf in) throws ProtocolException {
    while (true) {
      ByteBuffer view = in.nioBuffer();
      String message = MultistreamCodec.decode(view);
      if (message == null) {
        return;
      }
      in.skipBytes(view.position());
      Step step = step(message);
      byte[] send = step.send();
      if (send != null) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(send), ctx.voidPromise());
      }
      if (step.agreed() != null) {
        agreed.accept(ctx, step.agreed());
        ctx.pipeline().remove(this);
        return;
      }
    }
  }

  private Step step(String message) throws ProtocolException {
    if (dialer != null) {
      return dialer.on(message);
    }
    return java.util.Objects.requireNonNull(listener).on(message);
  }
}
