package dev.gvmi.libp2p.muxer.yamux;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.StreamLine;
import dev.gvmi.libp2p.io.Wire;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.muxer.yamux.YamuxSession.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the bytes of a {@link YamuxSession}: parses frames without copying bodies, and is the one
 * writer of the connection. Control frames go out at once; then the streams that have data and
 * window take {@link Turns}, one frame each, as long as little waits in the socket's buffer, so
 * that neither a ping nor a small stream waits behind a large one.
 *
 * <p><b>Thread:</b> event loop of the connection, but {@link MuxedConnection} and {@link Line} from
 * any.
 */
final class YamuxHandler extends ChannelInboundHandlerAdapter
    implements MuxedConnection, YamuxSession.Output<YamuxHandler.Line> {
  private static final Logger LOG = LoggerFactory.getLogger(YamuxHandler.class);

  /** Little more than one frame at a time waits for a slow socket: 50 ms at 10 Mbit/s. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(16 << 10, 32 << 10);

  /** A peer that lets this much pile up does not read: the connection ends. */
  private static final long MAX_UNWRITTEN_BYTES = 2L << 20;

  private final Channel channel;
  private final YamuxConfig config;
  private final Consumer<ByteStream> inbound;
  private final YamuxSession<Line> session;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicInteger open = new AtomicInteger();
  private final Turns<Line> turns = new Turns<>();
  private final ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);
  private @Nullable FrameHeader frame;
  private @Nullable Stream<Line> bodyOf;
  private long bodyLeft;
  private boolean inRead;
  private boolean isOver;
  private boolean unflushed;
  private @Nullable ScheduledFuture<?> keepalive;
  private long pingNanos;
  private boolean pingOpen;
  private int pingCount;

  /** Written by the event loop; 0 before the first answer. */
  private volatile long roundTripNanos;

  YamuxHandler(
      Channel channel,
      boolean initiator,
      YamuxConfig config,
      WindowBudget hostBudget,
      Consumer<ByteStream> inbound) {
    this.channel = channel;
    this.config = config;
    this.inbound = inbound;
    this.session = new YamuxSession<>(initiator, config.maxStreams(), hostBudget, this);
  }

  // ---- any thread ----

  @Override
  public ByteStream open() throws IOException {
    if (!isUp()) {
      throw new IOException("connection is closed");
    }
    if (open.incrementAndGet() > config.maxStreams()) {
      open.decrementAndGet();
      throw new IOException("connection has " + config.maxStreams() + " streams open already");
    }
    Line line = new Line();
    run(line::openOnLoop);
    return line.line;
  }

  /** A channel may be down before the handler is told: whoever finds it so says it for all. */
  private boolean isUp() {
    if (!channel.isActive()) {
      closed.complete(null);
    }
    return !closed.isDone();
  }

  @Override
  public int streamCount() {
    return closed.isDone() ? 0 : open.get(); // the event loop may be about to end those there were
  }

  @Override
  public Optional<Duration> roundTrip() {
    long nanos = roundTripNanos;
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  @Override
  public CompletionStage<Void> closed() {
    return closed.minimalCompletionStage();
  }

  @Override
  public void close() {
    run(() -> {
      if (channel.isActive()) {
        send(new FrameHeader(FrameHeader.GO_AWAY, 0, 0, YamuxSession.GO_AWAY_NORMAL));
        channel.flush();
      }
      channel.close();
    });
  }

  private void run(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.trace("event loop is gone", e);
    }
  }

  // ---- event loop ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (!channel.isActive()) {
      over("connection is closed");
      return;
    }
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    long millis = config.keepalive().toMillis();
    keepalive = ctx.executor().scheduleAtFixedRate(this::ping, 0, millis, TimeUnit.MILLISECONDS);
  }

  private void ping() {
    if (pingOpen) {
      LOG.debug("{}: ping not answered within {}", channel.remoteAddress(), config.keepalive());
      channel.close();
      return;
    }
    pingOpen = true;
    pingNanos = System.nanoTime();
    pingCount++;
    send(new FrameHeader(FrameHeader.PING, FrameHeader.SYN, 0, pingCount));
    flushSoon();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (!(message instanceof ByteBuf in)) {
      super.channelRead(ctx, message);
      return;
    }
    inRead = true;
    try {
      while (in.isReadable() && !isOver) {
        if (bodyLeft > 0) {
          body(in);
        } else {
          header(in);
        }
      }
    } catch (YamuxException e) {
      LOG.debug("{}: {}", channel.remoteAddress(), e.getMessage());
      isOver = true;
      send(new FrameHeader(FrameHeader.GO_AWAY, 0, 0, YamuxSession.GO_AWAY_PROTOCOL));
      ctx.flush();
      ctx.close();
    } finally {
      in.release();
    }
  }

  private void header(ByteBuf in) throws YamuxException {
    int count = Math.min(header.remaining(), in.readableBytes());
    int limit = header.limit();
    in.readBytes(header.limit(header.position() + count));
    header.limit(limit);
    if (header.hasRemaining()) {
      return;
    }
    FrameHeader next = FrameHeader.decode(header.flip());
    header.clear();
    bodyOf = session.on(next);
    frame = next;
    bodyLeft = next.type() == FrameHeader.DATA ? next.length() : 0;
  }

  private void body(ByteBuf in) {
    int count = (int) Math.min(bodyLeft, in.readableBytes());
    bodyLeft -= count;
    Stream<Line> stream = bodyOf;
    if (stream == null) {
      in.skipBytes(count);
      return;
    }
    stream.owner.line.offer(in.readRetainedSlice(count));
    FrameHeader done = frame;
    if (bodyLeft == 0 && done != null) {
      session.afterBody(stream, done);
      bodyOf = null;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inRead = false;
    writeStreams();
    if (unflushed) {
      unflushed = false;
      ctx.flush();
    }
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      writeStreams();
      flushSoon();
    }
    ctx.fireChannelWritabilityChanged();
  }

  /** One frame of each stream in turn, while the socket takes them. */
  private void writeStreams() {
    while (channel.isWritable()) {
      Line line = turns.next();
      if (line == null) {
        return;
      }
      line.queued = false;
      line.writeFrame();
    }
  }

  private void flushSoon() {
    if (!inRead && unflushed) {
      unflushed = false;
      channel.flush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over("connection is closed");
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    over("connection is closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("{}: {}", channel.remoteAddress(), cause.toString());
    // what waited when the channel was closed fails before the channel says that it is inactive
    boolean isClosed = cause instanceof ClosedChannelException;
    over(isClosed ? "connection is closed" : "connection failed: " + cause.getMessage());
    ctx.close();
  }

  private void over(String reason) {
    isOver = true;
    if (keepalive != null) {
      keepalive.cancel(false);
    }
    closed.complete(null); // first: whose stream is aborted finds no such connection any more
    for (Stream<Line> stream : session.streams()) {
      stream.owner.line.aborted(reason, 0);
    }
    session.close();
    turns.clear();
  }

  // ---- what the session wants ----

  @Override
  public void send(FrameHeader control) {
    var buffer = channel.unsafe().outboundBuffer();
    if (buffer != null && buffer.totalPendingWriteBytes() > MAX_UNWRITTEN_BYTES) {
      LOG.debug("{}: the peer does not read", channel.remoteAddress());
      channel.close();
      return;
    }
    ByteBuf out = channel.alloc().ioBuffer(FrameHeader.BYTES);
    encode(control, out);
    channel.write(out, channel.voidPromise());
    unflushed = true;
  }

  private static void encode(FrameHeader header, ByteBuf out) {
    ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES);
    header.encode(bytes);
    out.writeBytes(bytes.flip());
  }

  @Override
  public Line keep(int streamId) {
    return new Line();
  }

  @Override
  public void opened(Stream<Line> stream) {
    open.incrementAndGet();
    stream.owner.stream = stream;
    inbound.accept(stream.owner.line);
  }

  @Override
  public void removed(Stream<Line> stream) {
    stream.owner.gone = true;
    open.decrementAndGet();
  }

  @Override
  public void windowOpened(Stream<Line> stream) {
    stream.owner.enqueueAgain();
  }

  @Override
  public void ended(Stream<Line> stream) {
    stream.owner.line.ended();
  }

  @Override
  public void reset(Stream<Line> stream, long code) {
    stream.owner.line.aborted("stream was reset by the peer", code);
  }

  @Override
  public void pong(long opaque) {
    if (pingOpen && opaque == Integer.toUnsignedLong(pingCount)) {
      pingOpen = false;
      roundTripNanos = Math.max(1, System.nanoTime() - pingNanos);
      session.roundTrip(roundTripNanos);
    }
  }

  @Override
  public void goneAway(long code) {
    LOG.debug("{}: the peer says go away, code {}", channel.remoteAddress(), code);
    isOver = true; // what came in the same read opens no stream any more
    channel.flush();
    channel.close();
  }

  /** One stream, between its line and the session. */
  final class Line implements Wire {
    final StreamLine line = new StreamLine(this, channel.alloc());
    private final AtomicBoolean pending = new AtomicBoolean();
    private final AtomicInteger consumed = new AtomicInteger();
    private @Nullable Stream<Line> stream;
    private boolean gone;
    private boolean queued;
    private long sentSinceWoken;

    @Override
    public void pending() {
      if (pending.compareAndSet(false, true)) {
        run(this::writeOnLoop);
      }
    }

    @Override
    public void consumed(int bytes) {
      if (consumed.getAndAdd(bytes) == 0) {
        run(this::creditOnLoop);
      }
    }

    @Override
    public void reset(long code) {
      run(() -> {
        if (stream != null) {
          session.reset(stream, code);
          flushSoon();
        }
      });
    }

    private void openOnLoop() {
      Stream<Line> opened = isUp() ? session.open(this) : null;
      if (opened == null) {
        line.fail("the connection takes no more streams", 0);
        open.decrementAndGet();
        return;
      }
      stream = opened;
      flushSoon();
    }

    private void writeOnLoop() {
      pending.set(false);
      wake();
      writeStreams();
      flushSoon();
    }

    private void creditOnLoop() {
      int bytes = consumed.getAndSet(0);
      if (stream != null) {
        session.consumed(stream, bytes, System.nanoTime());
        flushSoon();
      }
    }

    private void wake() {
      if (!queued && stream != null) {
        queued = true;
        sentSinceWoken = 0;
        turns.wake(this);
      }
    }

    private void enqueueAgain() {
      if (!queued && stream != null) {
        queued = true;
        turns.again(this, sentSinceWoken);
      }
    }

    private void writeFrame() {
      Stream<Line> to = stream;
      if (to == null || gone) {
        return;
      }
      ByteBuf piece = line.poll((int) Math.min(to.sendWindow(), StreamLine.MAX_PIECE_BYTES));
      if (piece != null) {
        session.sent(to, piece.readableBytes());
        sentSinceWoken += piece.readableBytes();
        channel.write(withHeader(to.id, piece), channel.voidPromise());
        unflushed = true;
        if (line.hasOutbound() && to.sendWindow() > 0) {
          enqueueAgain();
          return;
        }
      }
      if (line.takeEnd()) {
        send(new FrameHeader(FrameHeader.WINDOW_UPDATE, FrameHeader.FIN, to.id, 0));
        session.endSent(to);
      }
    }

    private ByteBuf withHeader(int id, ByteBuf piece) {
      FrameHeader data = new FrameHeader(FrameHeader.DATA, 0, id, piece.readableBytes());
      int front = piece.readerIndex() - FrameHeader.BYTES;
      if (front >= 0 && piece.refCnt() == 1) {
        ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES);
        data.encode(bytes);
        piece.setBytes(front, bytes.flip());
        return piece.readerIndex(front);
      }
      ByteBuf head = channel.alloc().ioBuffer(FrameHeader.BYTES);
      encode(data, head);
      CompositeByteBuf both = channel.alloc().compositeBuffer(2);
      return both.addComponents(true, head, piece);
    }
  }

  @Override
  public String toString() {
    return "yamux with " + channel.remoteAddress();
  }
}
