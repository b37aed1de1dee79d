package dev.gvmi.libp2p.muxer.yamux;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a session: ids, windows, who may do what. Frame headers in, calls on {@link Output}
 * out; no bytes, clock or threads. {@code S} is whatever the owner keeps for a stream.
 *
 * <p>Receive windows start at 256 KiB and grow by use: when the reader empties half of one faster
 * than a few round trips, the window limits the rate, so it grows fourfold, up to 16 MiB and as far
 * as the budgets of connection and host allow.
 *
 * <p><b>Thread:</b> event loop of the connection.
 *
 * <p><b>Source:</b> yamux specification, flow control; window growth like go-yamux, which doubles
 * it.
 */
final class YamuxSession<S> {
  static final int INITIAL_WINDOW = 256 << 10;
  static final int MAX_WINDOW = 16 << 20;
  static final int MAX_UNACKED = 256;
  private static final long MAX_SEND_WINDOW = 0xffff_ffffL;
  private static final long SLOWEST_GROWTH_NANOS = 10_000_000;

  static final int GO_AWAY_NORMAL = 0;
  static final int GO_AWAY_PROTOCOL = 1;

  /** What the session wants done. */
  interface Output<S> {
    void send(FrameHeader header);

    /** The peer opens a stream: what to keep for it. */
    S keep(int streamId);

    /** The peer has opened a stream. */
    void opened(Stream<S> stream);

    /** The stream is no longer part of the session, however it ended. Comes once. */
    void removed(Stream<S> stream);

    void windowOpened(Stream<S> stream);

    void ended(Stream<S> stream);

    void reset(Stream<S> stream, long code);

    void pong(long opaque);

    void goneAway(long code);
  }

  /** One stream's state. */
  static final class Stream<S> {
    final int id;
    final S owner;
    private long sendWindow = INITIAL_WINDOW;
    private long receiveWindow = INITIAL_WINDOW;
    private long receiveMax = INITIAL_WINDOW;
    private long unreported;
    private boolean readBegun;

    /** When the reader was credited last, or took its first bytes. */
    private long lastUpdateNanos;

    private boolean acked;
    private final boolean ours;
    private boolean endSent;
    private boolean endReceived;

    private Stream(int id, S owner, boolean ours) {
      this.id = id;
      this.owner = owner;
      this.ours = ours;
    }

    /** Bytes that may be sent now. */
    long sendWindow() {
      return sendWindow;
    }

    long receiveMax() {
      return receiveMax;
    }
  }

  private final boolean initiator;
  private final int maxStreams;
  private final WindowBudget connectionBudget;
  private final WindowBudget hostBudget;
  private final Output<S> output;
  private final Map<Integer, Stream<S>> streams = new HashMap<>();
  private int nextId;
  private int unacked;
  private long roundTripNanos;

  YamuxSession(boolean initiator, int maxStreams, WindowBudget hostBudget, Output<S> output) {
    this.initiator = initiator;
    this.maxStreams = maxStreams;
    this.hostBudget = hostBudget;
    this.connectionBudget = new WindowBudget(WindowBudget.CONNECTION_BYTES);
    this.output = output;
    this.nextId = initiator ? 1 : 2;
  }

  /**
   * Opens a stream; null when there are too many, or too many that the peer has not acknowledged.
   */
  @Nullable Stream<S> open(S owner) {
    if (streams.size() >= maxStreams || unacked >= MAX_UNACKED || nextId < 0) {
      return null;
    }
    Stream<S> stream = new Stream<>(nextId, owner, true);
    nextId += 2;
    unacked++;
    streams.put(stream.id, stream);
    output.send(new FrameHeader(FrameHeader.WINDOW_UPDATE, FrameHeader.SYN, stream.id, 0));
    return stream;
  }

  Collection<Stream<S>> streams() {
    return List.copyOf(streams.values());
  }

  int size() {
    return streams.size();
  }

  /**
   * Takes a header. For a data frame it returns whose body follows, null if the body is to be
   * dropped; the owner calls {@link #afterBody} when it has come whole.
   */
  @Nullable Stream<S> on(FrameHeader header) throws YamuxException {
    return switch (header.type()) {
      case FrameHeader.PING -> {
        onPing(header);
        yield null;
      }
      case FrameHeader.GO_AWAY -> {
        output.goneAway(header.length());
        yield null;
      }
      default -> onStreamFrame(header);
    };
  }

  private void onPing(FrameHeader header) {
    if (header.has(FrameHeader.SYN)) {
      output.send(new FrameHeader(FrameHeader.PING, FrameHeader.ACK, 0, header.length()));
    } else if (header.has(FrameHeader.ACK)) {
      output.pong(header.length());
    }
  }

  private @Nullable Stream<S> onStreamFrame(FrameHeader header) throws YamuxException {
    Stream<S> stream =
        header.has(FrameHeader.SYN) ? accept(header) : streams.get(header.streamId());
    if (stream == null) {
      return null;
    }
    if (header.has(FrameHeader.ACK) && stream.ours && !stream.acked) {
      stream.acked = true;
      unacked--;
    }
    if (header.type() == FrameHeader.DATA) {
      return receive(stream, header);
    }
    if (!header.has(FrameHeader.RST) && header.length() > 0) {
      stream.sendWindow += header.length();
      if (stream.sendWindow > MAX_SEND_WINDOW) {
        throw new YamuxException("window of " + stream.sendWindow + " bytes");
      }
      output.windowOpened(stream);
    }
    finish(stream, header);
    return null;
  }

  private @Nullable Stream<S> accept(FrameHeader header) throws YamuxException {
    int id = header.streamId();
    boolean odd = (id & 1) == 1;
    if (odd == initiator) {
      throw new YamuxException("the peer opened stream " + id + ", which is not its to open");
    }
    // Not in the order of their ids: go-yamux takes an id in one thread and sends its first frame
    // from another.
    if (streams.containsKey(id)) {
      throw new YamuxException("the peer opened stream " + id + ", which is open");
    }
    if (streams.size() >= maxStreams) {
      output.send(new FrameHeader(FrameHeader.WINDOW_UPDATE, FrameHeader.RST, id, 0x1002));
      return null;
    }
    Stream<S> stream = new Stream<>(id, output.keep(id), false);
    streams.put(id, stream);
    output.send(new FrameHeader(FrameHeader.WINDOW_UPDATE, FrameHeader.ACK, id, 0));
    output.opened(stream);
    return stream;
  }

  private @Nullable Stream<S> receive(Stream<S> stream, FrameHeader header) throws YamuxException {
    if (header.length() > stream.receiveWindow) {
      throw new YamuxException(
          header.length() + " bytes of data in a window of " + stream.receiveWindow);
    }
    if (stream.endReceived && header.length() > 0) {
      throw new YamuxException("data after the end of stream " + stream.id);
    }
    stream.receiveWindow -= header.length();
    if (header.length() == 0) {
      finish(stream, header);
      return null;
    }
    return stream;
  }

  /** The body of the data frame with this header has come whole. */
  void afterBody(Stream<S> stream, FrameHeader header) {
    finish(stream, header);
  }

  private void finish(Stream<S> stream, FrameHeader header) {
    if (header.has(FrameHeader.RST)) {
      remove(stream);
      output.reset(stream, header.type() == FrameHeader.DATA ? 0 : header.length());
    } else if (header.has(FrameHeader.FIN) && !stream.endReceived) {
      stream.endReceived = true;
      output.ended(stream);
      removeIfDone(stream);
    }
  }

  /** Takes {@code bytes} of the send window, for data that is being sent. */
  void sent(Stream<S> stream, int bytes) {
    stream.sendWindow -= bytes;
  }

  /** Nothing more will be sent on the stream. */
  void endSent(Stream<S> stream) {
    stream.endSent = true;
    removeIfDone(stream);
  }

  /** Ends the stream at once. */
  void reset(Stream<S> stream, long code) {
    if (isOpen(stream)) {
      remove(stream);
      output.send(new FrameHeader(FrameHeader.WINDOW_UPDATE, FrameHeader.RST, stream.id, code));
    }
  }

  /**
   * The reader took {@code bytes}: credits the peer when half the window is due, and grows the
   * window.
   */
  void consumed(Stream<S> stream, int bytes, long nowNanos) {
    boolean first = !stream.readBegun;
    if (first) {
      stream.readBegun = true;
      stream.lastUpdateNanos = nowNanos;
    }
    stream.unreported += bytes;
    if (stream.unreported < stream.receiveMax / 2 || stream.endReceived || !isOpen(stream)) {
      return;
    }
    long grown = first ? 0 : growth(stream, nowNanos);
    long delta = stream.unreported + grown;
    stream.receiveMax += grown;
    stream.receiveWindow += delta;
    stream.unreported = 0;
    stream.lastUpdateNanos = nowNanos;
    output.send(new FrameHeader(FrameHeader.WINDOW_UPDATE, 0, stream.id, delta));
  }

  /**
   * How much larger the window becomes: four times, as on a long line each step takes a round trip;
   * twice where the budgets have no more.
   */
  private long growth(Stream<S> stream, long nowNanos) {
    long limit = Math.max(4 * roundTripNanos, SLOWEST_GROWTH_NANOS);
    if (nowNanos - stream.lastUpdateNanos >= limit) {
      return 0;
    }
    long most = MAX_WINDOW - stream.receiveMax;
    long more = take(Math.min(3 * stream.receiveMax, most));
    return more > 0 ? more : take(Math.min(stream.receiveMax, most));
  }

  /** Takes so much from both budgets, or nothing. */
  private long take(long bytes) {
    if (bytes <= 0 || !connectionBudget.take(bytes)) {
      return 0;
    }
    if (!hostBudget.take(bytes)) {
      connectionBudget.giveBack(bytes);
      return 0;
    }
    return bytes;
  }

  void roundTrip(long nanos) {
    roundTripNanos = nanos;
  }

  /** All streams are over: gives back the budgets. */
  void close() {
    streams().forEach(this::remove);
  }

  private void removeIfDone(Stream<S> stream) {
    if (stream.endSent && stream.endReceived) {
      remove(stream);
    }
  }

  /** Also false once the peer uses its id for another. */
  private boolean isOpen(Stream<S> stream) {
    return streams.get(stream.id) == stream;
  }

  private void remove(Stream<S> stream) {
    if (!streams.remove(stream.id, stream)) {
      return;
    }
    if (stream.ours && !stream.acked) {
      unacked--;
    }
    long grown = stream.receiveMax - INITIAL_WINDOW;
    connectionBudget.giveBack(grown);
    hostBudget.giveBack(grown);
    output.removed(stream);
  }
}
