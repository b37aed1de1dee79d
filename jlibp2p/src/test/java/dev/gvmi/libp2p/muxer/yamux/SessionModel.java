package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.muxer.yamux.SessionProbe.Probe;
import dev.gvmi.libp2p.muxer.yamux.YamuxSession.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plays a session by the bytes of an input, and keeps its own account of windows, streams and
 * budgets.
 */
final class SessionModel {
  private static final int MAX_STREAMS = 5;
  private static final long BUDGET = 20 << 20;
  private static final long MAX_SEND_WINDOW = 0xffff_ffffL;

  /** What the peer may still send on a stream, and what of it waits for the reader. */
  private static final class Account {
    long credit = YamuxSession.INITIAL_WINDOW;
    long unread;
  }

  private final SessionProbe probe;
  private final List<Probe> opened = new ArrayList<>();
  private final Map<Integer, Account> accounts = new HashMap<>();
  private @Nullable Stream<Probe> bodyOf;
  private FrameHeader body = Frames.goAway(0);
  private long nowNanos;

  SessionModel(boolean initiator) {
    probe = new SessionProbe(initiator, MAX_STREAMS, new WindowBudget(BUDGET));
  }

  void play(ByteBuffer in) throws YamuxException {
    while (in.remaining() >= 8) {
      act(in.get() & 0xff, in);
      check();
    }
    probe.session.close();
    assertThat(probe.session.size()).isZero();
    assertThat(probe.budget.left()).isEqualTo(BUDGET);
    streams()
        .forEach(owner -> assertThat(owner.events.stream().filter("removed"::equals)).hasSize(1));
  }

  private List<Probe> streams() {
    List<Probe> all = new ArrayList<>(probe.accepted);
    all.addAll(opened);
    return all;
  }

  /** One byte of what happens, then seven of how. */
  private void act(int choice, ByteBuffer in) throws YamuxException {
    int flags = in.get() & 15;
    int id = in.get() & 0xff;
    int least = in.get() & 0xff;
    long number = in.getInt() & 0xffff_ffffL;
    Stream<Probe> stream = pick(id);
    switch (choice % 10) {
      case 0 -> frame(Frames.data(flags, 1 + id, number % (YamuxSession.MAX_WINDOW + 2)));
      case 1, 2 -> frame(Frames.data(flags, 1 + id % 8, number % 65_536));
      case 3 -> frame(Frames.update(flags, 1 + id, number));
      case 4 -> frame(Frames.update(flags, 1 + id % 8, number >>> 16));
      case 5 -> frame(id % 2 == 0 ? Frames.ping(flags, number) : Frames.goAway(number));
      case 6 -> open();
      case 7 -> consume(stream, number);
      case 8 -> send(stream, number, least);
      default -> end(stream, least, number);
    }
    nowNanos += (long) least << 20;
  }

  private @Nullable Stream<Probe> pick(int index) {
    List<Stream<Probe>> live = new ArrayList<>(probe.session.streams());
    live.sort((a, b) -> Integer.compareUnsigned(a.id, b.id));
    return live.isEmpty() ? null : live.get(index % live.size());
  }

  private void frame(FrameHeader header) throws YamuxException {
    endBody();
    boolean known = probe.session.streams().stream().anyMatch(s -> s.id == header.streamId());
    int accepted = probe.accepted.size();
    Stream<Probe> of = probe.session.on(header);
    if (probe.accepted.size() > accepted) {
      // an id may be used again, with a window of its own
      accounts.put(header.streamId(), new Account());
    }
    Account account = accounts.computeIfAbsent(header.streamId(), id -> new Account());
    known |= header.has(FrameHeader.SYN);
    if (header.type() == FrameHeader.DATA && known) {
      assertThat(of == null || header.length() <= account.credit).isTrue();
    }
    if (of != null) {
      assertThat(of.id).isEqualTo(header.streamId());
      account.credit -= header.length();
      account.unread += header.length();
      bodyOf = of;
      body = header;
    }
  }

  private void endBody() {
    Stream<Probe> of = bodyOf;
    bodyOf = null;
    if (of != null) {
      probe.session.afterBody(of, body);
    }
  }

  private void open() {
    Probe owner = probe.tryOpen();
    if (owner != null) {
      opened.add(owner);
      accounts.put(owner.stream().id, new Account());
    }
  }

  /** The reader takes no more than has come. */
  private void consume(@Nullable Stream<Probe> stream, long number) {
    if (stream != null) {
      Account account = accounts.computeIfAbsent(stream.id, id -> new Account());
      int bytes = (int) (number % (account.unread + 1));
      account.unread -= bytes;
      probe.session.consumed(stream, bytes, nowNanos);
    }
  }

  private void send(@Nullable Stream<Probe> stream, long number, int roundTrip) {
    if (stream != null) {
      probe.session.sent(stream, (int) Math.min(number, stream.sendWindow()) & Integer.MAX_VALUE);
    }
    probe.session.roundTrip((long) roundTrip << 22);
  }

  private void end(@Nullable Stream<Probe> stream, int how, long code) {
    if (stream != null && how % 2 == 0) {
      probe.session.endSent(stream);
    } else if (stream != null) {
      probe.session.reset(stream, code);
    }
  }

  private void check() {
    probe.sent.forEach(this::grant);
    probe.sent.clear();
    long grown = 0;
    assertThat(probe.session.size()).isBetween(0, MAX_STREAMS);
    for (Stream<Probe> stream : probe.session.streams()) {
      assertThat(stream.sendWindow()).isBetween(0L, MAX_SEND_WINDOW);
      assertThat(stream.receiveMax())
          .isBetween((long) YamuxSession.INITIAL_WINDOW, (long) YamuxSession.MAX_WINDOW);
      assertThat(stream.owner.events).doesNotContain("removed");
      grown += stream.receiveMax() - YamuxSession.INITIAL_WINDOW;
      Account account = accounts.computeIfAbsent(stream.id, id -> new Account());
      assertThat(account.credit).isBetween(0L, stream.receiveMax());
      assertThat(account.credit + account.unread).isLessThanOrEqualTo(stream.receiveMax());
    }
    assertThat(probe.budget.left()).isEqualTo(BUDGET - grown).isNotNegative();
  }

  private void grant(FrameHeader sent) {
    if (sent.type() == FrameHeader.WINDOW_UPDATE && sent.flags() == 0) {
      accounts.computeIfAbsent(sent.streamId(), id -> new Account()).credit += sent.length();
    }
  }
}
