package dev.gvmi.libp2p.transport.memory;

import dev.gvmi.libp2p.io.Buffers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection between two machines of a {@link MemoryNetwork}. It behaves as a socket
 * does: what is sent before the close still arrives, a reader that does not read makes the writer
 * wait.
 *
 * <p>Netty's own channel within a process hands a writer's buffers to the reader without a bound.
 *
 * <p><b>Thread:</b> its event loop; {@link #breakOff} from any.
 */
final class MemoryChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  /** Then others on the event loop have their turn. */
  private static final int READS_AT_ONCE = 16;

  private enum State {
    OPEN,
    CONNECTED,
    CLOSED
  }

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final MemoryTransport owner;
  private final SocketAddress local;
  private final MemoryPipe in;
  private final MemoryPipe out;
  private final AtomicBoolean readQueued = new AtomicBoolean();
  private volatile State state = State.OPEN;
  private @Nullable MemoryChannel peer;
  private boolean wantsRead;
  private boolean inRead;

  private MemoryChannel(MemoryTransport owner, SocketAddress local, MemoryPipe in, MemoryPipe out) {
    super((Channel) null);
    this.owner = owner;
    this.local = local;
    this.in = in;
    this.out = out;
    config.setAllocator(Buffers.ALLOCATOR);
  }

  /** Two ends of one connection. */
  record Pair(MemoryChannel dialler, MemoryChannel listener) {}

  static Pair pair(
      MemoryTransport dialler,
      SocketAddress from,
      MemoryTransport listener,
      SocketAddress to,
      MemoryPipe forth,
      MemoryPipe back) {
    Pair ends =
        new Pair(
            new MemoryChannel(dialler, from, back, forth),
            new MemoryChannel(listener, to, forth, back));
    ends.dialler.peer = ends.listener;
    ends.listener.peer = ends.dialler;
    ends.dialler.config.setAutoRead(false);
    return ends;
  }

  private MemoryChannel peer() {
    return Objects.requireNonNull(peer);
  }

  MemoryTransport owner() {
    return owner;
  }

  MemoryTransport remoteOwner() {
    return peer().owner;
  }

  /** How long a first message takes to the peer. */
  long delayNanos() {
    return out.delayNanos();
  }

  /**
   * The connection is made.
   *
   * @param connected called before anything is read
   */
  void connected(Consumer<Channel> connected) {
    if (state == State.OPEN) {
      state = State.CONNECTED;
      connected.accept(this);
      pipeline().fireChannelActive();
    }
  }

  /** The way between the machines is cut. */
  void breakOff() {
    run(() -> {
      if (isActive()) {
        pipeline().fireExceptionCaught(new IOException("connection broke"));
      }
      unsafe().close(voidPromise());
    });
  }

  /** On its event loop, unless it never had one or that has ended. */
  private void run(Runnable task) {
    if (!isRegistered()) {
      return;
    }
    try {
      eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      // the network is closed, and all its channels with it
    }
  }

  // ---- reading ----

  @Override
  protected void doBeginRead() {
    wantsRead = true;
    if (!inRead) {
      readSoon();
    }
  }

  private void readSoon() {
    if (isRegistered() && readQueued.compareAndSet(false, true)) {
      run(this::readNow);
    }
  }

  private void readNow() {
    readQueued.set(false);
    if (!wantsRead || inRead || !isActive()) {
      return;
    }
    inRead = true;
    boolean ended = readPieces();
    inRead = false;
    if (in.freed()) {
      peer().run(peer()::resumeWrite);
    }
    if (ended) {
      unsafe().close(voidPromise());
    } else if (wantsRead && in.nanosToNext(System.nanoTime()) <= 0) {
      readSoon();
    }
  }

  /** Hands on what has arrived; true at the end. */
  private boolean readPieces() {
    int count = 0;
    boolean ended = false;
    while (!ended && count < READS_AT_ONCE && (count == 0 || config.isAutoRead())) {
      long wait = in.nanosToNext(System.nanoTime());
      if (wait > 0) {
        readLater(wait);
        break;
      }
      ByteBuf piece = in.take();
      ended = piece == null;
      if (piece != null) {
        count++;
        wantsRead = false;
        pipeline().fireChannelRead(piece);
      }
    }
    if (count > 0) {
      pipeline().fireChannelReadComplete();
    }
    return ended;
  }

  private void readLater(long nanos) {
    if (nanos != MemoryPipe.NEVER) {
      eventLoop().schedule(this::readSoon, nanos, TimeUnit.NANOSECONDS);
    }
  }

  // ---- writing ----

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException("cannot send " + message.getClass());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) throws IOException {
    boolean sent = false;
    for (Object next = pending.current(); next != null; next = pending.current()) {
      ByteBuf piece = (ByteBuf) next;
      if (piece.isReadable()) {
        if (!send(piece)) {
          break;
        }
        sent = true;
      }
      pending.remove();
    }
    if (sent) {
      peer().readSoon();
    }
  }

  /** False if it must wait until the peer has read. */
  private boolean send(ByteBuf piece) throws IOException {
    MemoryPipe.Offer offer = out.offer(piece.retain(), System.nanoTime());
    if (offer != MemoryPipe.Offer.TAKEN) {
      piece.release();
    }
    return switch (offer) {
      case TAKEN -> true;
      case FULL -> false;
      case CLOSED -> throw new ClosedChannelException();
      case BROKEN -> {
        peer().breakOff();
        throw new IOException("connection broke");
      }
    };
  }

  private void resumeWrite() {
    ((MemoryUnsafe) unsafe()).resume();
  }

  @Override
  protected void doClose() {
    state = State.CLOSED;
    in.abandon();
    out.end(System.nanoTime());
    peer().readSoon();
    peer().run(peer()::resumeWrite);
    owner.closed(this);
  }

  // ---- what a channel is ----

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new MemoryUnsafe();
  }

  private final class MemoryUnsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress from, ChannelPromise promise) {
      safeSetFailure(promise, new UnsupportedOperationException("the transport connects"));
    }

    void resume() {
      flush0();
    }
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return peer().local;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("the transport listens");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.CONNECTED;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
