package dev.gvmi.libp2p.security;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Two handlers of a {@link SecurityProtocol} that face each other; the test carries the bytes
 * between them.
 */
final class SecuredPair {
  final Side dialler;
  final Side listener;

  SecuredPair(ChannelHandler dialler, ChannelHandler listener) {
    this.dialler = new Side(dialler);
    this.listener = new Side(listener);
  }

  /** One end, and what came out of its handler at the side of the application. */
  static final class Side extends ChannelInboundHandlerAdapter {
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    final EmbeddedChannel channel = new EmbeddedChannel();

    /** {@link Secured}, bytes and failures, in their order. */
    final List<Object> events = new ArrayList<>();

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private byte @Nullable [] greeting;

    private Side(ChannelHandler security) {
      channel.config().setAllocator(allocator);
      channel.pipeline().addLast(this);
      channel.pipeline().addFirst(security);
    }

    /** Sends this as soon as it is secured. */
    void greet(byte[] bytes) {
      greeting = bytes;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof Secured)) {
        return;
      }
      events.add(event);
      if (greeting != null) {
        ctx.writeAndFlush(ctx.alloc().buffer().writeBytes(greeting), ctx.voidPromise());
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      if (bytes.isReadable()) {
        events.add(bytes.readableBytes());
        received.writeBytes(ByteBufUtil.getBytes(bytes));
      }
      bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      events.add(cause);
    }

    Optional<Secured> secured() {
      return events.stream().filter(Secured.class::isInstance).map(Secured.class::cast).findFirst();
    }

    boolean failed() {
      return events.stream().anyMatch(Throwable.class::isInstance);
    }

    byte[] received() {
      return received.toByteArray();
    }

    void send(ByteBuf bytes) {
      channel.writeOneOutbound(bytes);
      channel.flushOutbound();
    }

    /** All that it wants on the wire by now. */
    byte[] sent() {
      channel.runPendingTasks();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
        all.writeBytes(ByteBufUtil.getBytes(next));
        next.release();
      }
      return all.toByteArray();
    }

    void receive(byte[] bytes) {
      if (channel.isOpen()) {
        ByteBuf in = allocator.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
        channel.pipeline().fireChannelRead(in).fireChannelReadComplete();
        channel.runPendingTasks();
      }
    }
  }

  /** What is carried, from one side to the other. */
  @FunctionalInterface
  interface Carrier {
    /**
     * Hands over what one side sent.
     *
     * @param number counts from 0, both directions together
     */
    void carry(int number, byte[] bytes, Side to);
  }

  static final Carrier WHOLE = (number, bytes, to) -> to.receive(bytes);

  static final Carrier BYTE_BY_BYTE =
      (number, bytes, to) -> {
        for (byte b : bytes) {
          to.receive(new byte[] {b});
        }
      };

  boolean bothSecured() {
    return dialler.secured().isPresent() && listener.secured().isPresent();
  }

  /**
   * Carries until both are secured or have nothing more to say; returns how many times it carried.
   */
  int shakeHands(Carrier carrier) {
    int number = 0;
    Side from = dialler;
    for (int silent = 0; silent < 2 && !bothSecured(); ) {
      byte[] bytes = from.sent();
      Side to = from == dialler ? listener : dialler;
      if (bytes.length > 0) {
        carrier.carry(number++, bytes, to);
      }
      silent = bytes.length > 0 ? 0 : silent + 1;
      from = to;
    }
    return number;
  }

  /** Carries all that waits, both ways. */
  void carryAll(Carrier carrier) {
    for (boolean more = true; more; ) {
      byte[] forth = dialler.sent();
      carrier.carry(0, forth, listener);
      byte[] back = listener.sent();
      carrier.carry(0, back, dialler);
      more = forth.length + back.length > 0;
    }
  }

  /** Closes both ends; returns the bytes of buffers that nobody gave back. */
  long leaked() {
    long bytes = 0;
    for (Side side : List.of(dialler, listener)) {
      side.channel.close();
      side.channel.runPendingTasks();
      side.sent();
      side.channel.finishAndReleaseAll();
      bytes += side.allocator.metric().usedDirectMemory();
      bytes += side.allocator.metric().usedHeapMemory();
    }
    return bytes;
  }
}
