package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.io.StreamLine;
import dev.gvmi.libp2p.io.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One stream, between its line and its channel.
 *
 * <p>Inbound, the channel is read only while the line holds little that nobody has read: the rest
 * stays in the window of the stream, which opens as the channel is read. Outbound, one write is on
 * its way at a time, of no more than the connection has room for; when it has none, that is one
 * byte, which waits in the channel and so tells when the peer wants no more.
 *
 * <p>A reset is a RESET_STREAM and a STOP_SENDING frame with the same code, as go-libp2p sends
 * both. A peer that only stops reading makes writes fail, and can still be read.
 *
 * <p><b>Thread:</b> event loop of the connection, but {@link Wire} from any.
 *
 * <p><b>Source:</b> RFC 9000, 2.4 and 3; libp2p QUIC specification; libp2p error codes
 * specification.
 */
final class QuicStream extends ChannelInboundHandlerAdapter implements Wire {
  /** What the line holds at most, but for one read more. */
  private static final int MAX_UNREAD_BYTES = 256 << 10;

  private static final int READ_BYTES = 32 << 10;

  /** What a stream writes before the next has its turn. */
  private static final int TURN_BYTES = 32 << 10;

  /** For how long a stream that was reset stays in the codec's table. */
  private static final int LINGER_SECONDS = 3;

  /** Small writes that are joined to one. */
  private static final int MAX_JOINED = 16;

  private final QuicConnection connection;
  private final StreamLine line;
  private final AtomicBoolean pending = new AtomicBoolean();
  private final AtomicInteger unread = new AtomicInteger();

  /** Whether reading waits for the line to be read; written by the event loop. */
  private volatile boolean paused;

  private @Nullable QuicStreamChannel channel;
  private @Nullable ByteBuf onItsWay;
  private boolean queued;
  private boolean inTurn;
  private boolean stopped;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean over;

  /** What became of a turn to write. */
  enum Turn {
    WROTE,
    BLOCKED,
    NOTHING_TO_WRITE
  }

  QuicStream(QuicConnection connection) {
    this.connection = connection;
    this.line = new StreamLine(this, connection.allocator());
  }

  StreamLine line() {
    return line;
  }

  // ---- any thread ----

  @Override
  public void pending() {
    if (pending.compareAndSet(false, true)) {
      connection.run(this::writeOnLoop);
    }
  }

  @Override
  public void consumed(int bytes) {
    int left = unread.addAndGet(-bytes);
    if (paused && left < MAX_UNREAD_BYTES / 2) {
      connection.run(this::readMore);
    }
  }

  @Override
  public void reset(long code) {
    connection.run(() -> resetOnLoop(code));
  }

  // ---- event loop ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    QuicStreamChannel added = (QuicStreamChannel) ctx.channel();
    added.config().setAutoRead(false);
    added.config().setAllocator(connection.allocator());
    added.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
    channel = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
    connection.wake(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    unread.addAndGet(data.readableBytes());
    line.offer(data);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readMore();
  }

  private void readMore() {
    QuicStreamChannel from = channel;
    if (from == null || over) {
      return;
    }
    paused = unread.get() >= MAX_UNREAD_BYTES;
    if (paused && unread.get() < MAX_UNREAD_BYTES / 2) {
      paused = false; // it was read in the meantime
    }
    if (!paused) {
      from.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownReadComplete.INSTANCE) {
      inputEnded = true;
      goneIfEnded(); // first: who reads the end finds no such stream any more
      line.ended();
      closeIfDone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof QuicStreamResetException reset) {
      long code = reset.applicationProtocolCode();
      line.aborted("stream was reset by the peer", code);
      abandon(code);
      return;
    }
    connection.log("stream failed", cause);
    line.fail("stream failed: " + cause.getMessage(), 0);
    abandon(0);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    finish("connection is closed");
  }

  private void writeOnLoop() {
    pending.set(false);
    connection.wake(this);
  }

  boolean isOver() {
    return over;
  }

  boolean queue() {
    boolean now = !queued && channel != null && !over;
    queued |= now;
    return now;
  }

  void leaveQueue() {
    queued = false;
  }

  /** Writes one piece, or the end. */
  Turn write() {
    QuicStreamChannel to = channel;
    if (to == null || over || stopped) {
      return Turn.NOTHING_TO_WRITE;
    }
    if (onItsWay != null) {
      return Turn.BLOCKED;
    }
    ByteBuf piece = line.poll(room(to));
    if (piece != null) {
      return write(to, join(piece, room(to)));
    }
    if (line.takeEnd()) {
      outputEnded = true;
      goneIfEnded();
      to.shutdownOutput();
    }
    return Turn.NOTHING_TO_WRITE;
  }

  private static int room(QuicStreamChannel to) {
    return to.isWritable() ? Math.clamp(to.bytesBeforeUnwritable(), 1, TURN_BYTES) : 1;
  }

  /** With the small pieces that follow it. */
  private ByteBuf join(ByteBuf first, int room) {
    int left = room - first.readableBytes();
    ByteBuf next = left > 0 ? line.poll(left) : null;
    if (next == null) {
      return first;
    }
    CompositeByteBuf all = connection.allocator().compositeDirectBuffer(MAX_JOINED);
    all.addComponent(true, first);
    while (next != null) {
      left -= next.readableBytes();
      all.addComponent(true, next);
      next = left > 0 && all.numComponents() < MAX_JOINED ? line.poll(left) : null;
    }
    return all;
  }

  private Turn write(QuicStreamChannel to, ByteBuf piece) {
    onItsWay = piece;
    inTurn = true;
    ChannelFuture written = to.writeAndFlush(piece);
    written.addListener(this::written);
    inTurn = false;
    if (onItsWay != null && inputEnded && StreamTable.isGone(to)) {
      connection.run(() -> refused(null));
    }
    return onItsWay == null ? Turn.WROTE : Turn.BLOCKED;
  }

  private void written(Future<?> done) {
    onItsWay = null;
    if (!done.isSuccess()) {
      // later, so that a reset that came with it is seen first: it tells the code
      connection.run(() -> refused(done.cause()));
    } else if (!inTurn) {
      connection.pumpSoon();
    }
  }

  private void refused(@Nullable Throwable cause) {
    if (over || stopped) {
      return;
    }
    stopped = true;
    line.refused("the peer takes no more" + (cause == null ? "" : ": " + cause.getMessage()), 0);
    closeIfDone();
  }

  /** Both directions have ended; the codec closes the channel when the peer has all. */
  private void goneIfEnded() {
    if (inputEnded && outputEnded) {
      connection.gone(this);
    }
  }

  private void closeIfDone() {
    QuicStreamChannel done = channel;
    if (stopped && inputEnded && done != null) {
      done.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && queued) {
      connection.pumpSoon();
    }
  }

  private void resetOnLoop(long code) {
    if (channel != null && !over) {
      channel.shutdownInput(QuicCodes.toWire(code));
    }
    abandon(code);
  }

  /**
   * Ends the direction that is ours by a reset. The channel is closed later: a close sends an end
   * of its own, which must not come before the reset, or the peer takes what it has for all; and
   * only by that end the codec is done with it.
   */
  private void abandon(long code) {
    QuicStreamChannel ended = channel;
    if (ended != null && !over) {
      ended.shutdownOutput(QuicCodes.toWire(code));
      ended.eventLoop().schedule(() -> forget(ended), LINGER_SECONDS, TimeUnit.SECONDS);
    }
    finish("stream was reset");
  }

  private static void forget(QuicStreamChannel ended) {
    ended.close();
    StreamTable.forget(ended);
  }

  /** Nothing more comes of it. */
  void finish(String reason) {
    if (over) {
      return;
    }
    over = true;
    line.aborted(reason, 0);
    connection.gone(this);
  }
}
