package dev.gvmi.libp2p.muxer.yamux;

import dev.gvmi.libp2p.muxer.yamux.YamuxSession.Stream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session with nothing around it: writes down what it wants. */
final class SessionProbe implements YamuxSession.Output<SessionProbe.Probe> {
  /** What is kept for a stream: what happens to it. */
  static final class Probe {
    final List<String> events = new ArrayList<>();
    private @Nullable Stream<Probe> stream;

    Stream<Probe> stream() {
      if (stream == null) {
        throw new AssertionError("not opened");
      }
      return stream;
    }
  }

  final WindowBudget budget;
  final YamuxSession<Probe> session;
  final List<FrameHeader> sent = new ArrayList<>();
  final List<Probe> accepted = new ArrayList<>();
  final List<Long> pongs = new ArrayList<>();
  final List<Long> goAways = new ArrayList<>();

  SessionProbe(boolean initiator) {
    this(initiator, 512, new WindowBudget(WindowBudget.HOST_BYTES));
  }

  SessionProbe(boolean initiator, int maxStreams, WindowBudget budget) {
    this.budget = budget;
    this.session = new YamuxSession<>(initiator, maxStreams, budget, this);
  }

  /** Opens a stream, null if the session does not. */
  @Nullable Probe tryOpen() {
    Probe probe = new Probe();
    probe.stream = session.open(probe);
    return probe.stream == null ? null : probe;
  }

  /** Opens a stream that the peer has acknowledged, and forgets what was sent for that. */
  Probe open() throws YamuxException {
    Probe probe = tryOpen();
    if (probe == null) {
      throw new AssertionError("not opened");
    }
    session.on(Frames.update(FrameHeader.ACK, probe.stream().id, 0));
    sent.clear();
    return probe;
  }

  /** Lets the peer open a stream, and forgets what was sent for that. */
  Probe accept(int id) throws YamuxException {
    session.on(Frames.update(FrameHeader.SYN, id, 0));
    sent.clear();
    return accepted.getLast();
  }

  /** Takes a whole data frame. */
  void receive(int flags, int id, int bytes) throws YamuxException {
    FrameHeader data = Frames.data(flags, id, bytes);
    Stream<Probe> stream = session.on(data);
    if (stream != null) {
      session.afterBody(stream, data);
    }
  }

  @Override
  public void send(FrameHeader control) {
    sent.add(control);
  }

  @Override
  public Probe keep(int streamId) {
    return new Probe();
  }

  @Override
  public void opened(Stream<Probe> stream) {
    stream.owner.stream = stream;
    accepted.add(stream.owner);
  }

  @Override
  public void removed(Stream<Probe> stream) {
    stream.owner.events.add("removed");
  }

  @Override
  public void windowOpened(Stream<Probe> stream) {
    stream.owner.events.add("window");
  }

  @Override
  public void ended(Stream<Probe> stream) {
    stream.owner.events.add("ended");
  }

  @Override
  public void reset(Stream<Probe> stream, long code) {
    stream.owner.events.add("reset " + code);
  }

  @Override
  public void pong(long opaque) {
    pongs.add(opaque);
  }

  @Override
  public void goneAway(long code) {
    goAways.add(code);
  }
}
