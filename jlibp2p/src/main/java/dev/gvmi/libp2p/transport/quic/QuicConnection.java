package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.io.Buffers;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.Traffic;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.peer.PublicKey;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One QUIC connection: waits for its handshake, then carries streams. It is the tail of the
 * channel's pipeline from the start, so that no stream of a quick peer is missed: they wait until
 * somebody takes them.
 *
 * <p>Streams write by turns, a piece each, since the codec would let the oldest have all that the
 * network takes.
 *
 * <p>The codec has no keep-alive. A datagram of one byte (RFC 9221) does it, where the peer takes
 * such: it must be acknowledged, and is nobody's data. Peers that take none keep the connection
 * alive themselves.
 *
 * <p><b>Thread:</b> event loop of the connection, but {@link MuxedConnection} and {@link Traffic}
 * from any.
 */
final class QuicConnection extends ChannelInboundHandlerAdapter
    implements MuxedConnection, Traffic {
  static final AttributeKey<QuicConnection> KEY =
      AttributeKey.valueOf(QuicConnection.class, "connection");

  private static final Logger LOG = LoggerFactory.getLogger(QuicConnection.class);
  private static final long STATS_MILLIS = 200;

  private final QuicChannel channel;
  private final QuicConfig config;
  private final String remote;
  private final CompletableFuture<PublicKey> secured = new CompletableFuture<>();
  private final CompletableFuture<Consumer<ByteStream>> inbound = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicInteger open = new AtomicInteger();
  private final Set<QuicStream> streams = new HashSet<>();
  private Deque<QuicStream> turns = new ArrayDeque<>();
  private final Deque<QuicStream> waiting = new ArrayDeque<>();
  private boolean pumping;
  private boolean pumpIsDue;
  private String reason = "connection is closed";
  private @Nullable ScheduledFuture<?> keepalive;
  private volatile @Nullable QuicConnectionStats stats;

  QuicConnection(QuicChannel channel, QuicConfig config) {
    this.channel = channel;
    this.config = config;
    this.remote = String.valueOf(channel.remoteSocketAddress());
    channel.attr(KEY).set(this);
  }

  // ---- any thread ----

  ByteBufAllocator allocator() {
    return Buffers.ALLOCATOR;
  }

  /** The peer's host key, when the handshake is done. */
  CompletableFuture<PublicKey> secured() {
    return secured;
  }

  /** Hands over the streams that the peer opens, those that wait first. */
  void accept(Consumer<ByteStream> streamsOfPeer) {
    inbound.complete(streamsOfPeer);
  }

  @Override
  public ByteStream open() throws IOException {
    if (closed.isDone() || !channel.isActive()) {
      closed.complete(null);
      throw new IOException("connection is closed");
    }
    if (open.incrementAndGet() > config.maxStreams()) {
      open.decrementAndGet();
      throw new IOException("connection has " + config.maxStreams() + " streams open already");
    }
    QuicStream stream = new QuicStream(this);
    run(() -> openOnLoop(stream));
    return stream.line();
  }

  @Override
  public int streamCount() {
    return closed.isDone() ? 0 : open.get(); // the event loop may be about to end those there were
  }

  @Override
  public CompletionStage<Void> closed() {
    return closed.minimalCompletionStage();
  }

  @Override
  public void close() {
    close(QuicCodes.NONE);
  }

  void close(long code) {
    channel.close(true, QuicCodes.toWire(code), Unpooled.EMPTY_BUFFER);
  }

  @Override
  public long receivedBytes() {
    QuicConnectionStats now = stats();
    return now == null ? 0 : now.recvBytes();
  }

  @Override
  public long sentBytes() {
    QuicConnectionStats now = stats();
    return now == null ? 0 : now.sentBytes();
  }

  /** As they are now, or were when last told. */
  private @Nullable QuicConnectionStats stats() {
    try {
      Future<QuicConnectionStats> asked = channel.collectStats();
      if (!channel.eventLoop().inEventLoop()) {
        asked.awaitUninterruptibly(STATS_MILLIS);
      }
      if (asked.isSuccess() && asked.getNow() != null) {
        stats = asked.getNow();
      }
    } catch (RejectedExecutionException e) {
      LOG.trace("event loop is gone", e);
    }
    return stats;
  }

  void run(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.trace("event loop is gone", e);
    }
  }

  void log(String what, Throwable cause) {
    LOG.debug("{}: {}: {}", remote, what, cause.toString());
  }

  // ---- event loop: the connection ----

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    QuicTls.peer(channel)
        .ifPresentOrElse(
            secured::complete,
            () -> {
              secured.completeExceptionally(
                  new IOException("the peer did not prove who it is, or does not speak libp2p"));
              close();
            });
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof QuicDatagramExtensionEvent) {
      keepAlive();
    } else if (event instanceof QuicConnectionCloseEvent close) {
      reason = "the peer closed the connection, code 0x" + Integer.toHexString(close.error());
      LOG.debug("{}: {}", remote, close);
    } else if (event instanceof QuicStreamLimitChangedEvent) {
      openWaiting();
    }
  }

  private void keepAlive() {
    if (keepalive == null) {
      long millis = config.keepalive().toMillis();
      keepalive =
          channel
              .eventLoop()
              .scheduleAtFixedRate(
                  () -> channel.writeAndFlush(allocator().directBuffer(1).writeByte(0)),
                  millis,
                  millis,
                  TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof QuicStreamChannel) {
      ctx.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message); // a datagram: a peer's keep-alive
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log("connection failed", cause);
    if (!secured.isDone()) {
      reason = QuicTls.refusal(channel).orElse("handshake failed: " + cause.getMessage());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    over();
  }

  private void over() {
    if (keepalive != null) {
      keepalive.cancel(false);
    }
    secured.completeExceptionally(new IOException(QuicTls.refusal(channel).orElse(reason)));
    closed.complete(null); // first: whose stream is aborted finds no such connection any more
    for (QuicStream stream : List.copyOf(streams)) {
      stream.finish(reason);
    }
    turns.clear();
    waiting.clear();
  }

  // ---- event loop: streams ----

  private void openOnLoop(QuicStream stream) {
    streams.add(stream);
    waiting.add(stream);
    if (closed.isDone()) {
      stream.finish(reason);
    }
    openWaiting();
  }

  /** As many as the peer allows; the others wait until it allows more. */
  private void openWaiting() {
    while (!waiting.isEmpty() && channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0) {
      QuicStream next = waiting.remove();
      if (!next.isOver()) {
        create(next);
      }
    }
    waiting.removeIf(QuicStream::isOver);
  }

  private void create(QuicStream stream) {
    channel
        .createStream(QuicStreamType.BIDIRECTIONAL, stream)
        .addListener(created -> {
          if (!created.isSuccess()) {
            log("no new stream", created.cause());
            stream.finish("the connection takes no more streams");
          }
        });
  }

  /** The peer has opened a stream. */
  void opened(QuicStreamChannel channelOfStream) {
    if (channelOfStream.isLocalCreated() || open.get() >= config.maxStreams()) {
      channelOfStream.shutdown(QuicCodes.toWire(QuicCodes.NONE));
      channelOfStream.close();
      return;
    }
    open.incrementAndGet();
    QuicStream stream = new QuicStream(this);
    streams.add(stream);
    channelOfStream.pipeline().addLast(stream);
    inbound.thenAccept(streamsOfPeer -> streamsOfPeer.accept(stream.line()));
  }

  void gone(QuicStream stream) {
    if (streams.remove(stream)) {
      open.decrementAndGet();
    }
  }

  /** The stream has something to write. */
  void wake(QuicStream stream) {
    if (stream.queue()) {
      turns.add(stream);
    }
    pump();
  }

  /** There may be room again. */
  void pumpSoon() {
    if (!pumpIsDue) {
      pumpIsDue = true;
      run(() -> {
        pumpIsDue = false;
        pump();
      });
    }
  }

  /** Turns for all, until nobody can write; who has written comes after those who could not. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      boolean more = true;
      while (more) {
        more = turnsForAll();
      }
    } finally {
      pumping = false;
    }
  }

  private boolean turnsForAll() {
    Deque<QuicStream> round = turns;
    turns = new ArrayDeque<>();
    List<QuicStream> wrote = new ArrayList<>();
    for (QuicStream stream : round) {
      switch (stream.write()) {
        case WROTE -> wrote.add(stream);
        case BLOCKED -> turns.add(stream);
        case NOTHING_TO_WRITE -> stream.leaveQueue();
      }
    }
    turns.addAll(wrote);
    return !wrote.isEmpty();
  }

  @Override
  public String toString() {
    return "quic with " + remote;
  }
}
