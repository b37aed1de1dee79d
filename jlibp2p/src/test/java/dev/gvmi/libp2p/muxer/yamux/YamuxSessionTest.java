package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.muxer.yamux.SessionProbe.Probe;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which streams there are and how they end. */
final class YamuxSessionTest {
  private static final int KIB = 1 << 10;

  private final SessionProbe dialler = new SessionProbe(true);
  private final SessionProbe listener = new SessionProbe(false);

  // ---- opening ----

  @Test
  void diallerOpensOddIdsAndListenerEvenOnes() {
    for (int i = 0; i < 2; i++) {
      dialler.tryOpen();
      listener.tryOpen();
    }
    assertThat(dialler.sent).containsExactly(Frames.update(1, 1, 0), Frames.update(1, 3, 0));
    assertThat(listener.sent).containsExactly(Frames.update(1, 2, 0), Frames.update(1, 4, 0));
  }

  @Test
  void acknowledgesWhatThePeerOpens() throws YamuxException {
    listener.session.on(Frames.update(FrameHeader.SYN, 1, 100));
    assertThat(listener.sent).containsExactly(Frames.update(FrameHeader.ACK, 1, 0));
    assertThat(listener.accepted.getFirst().stream().sendWindow()).isEqualTo(256 * KIB + 100);
  }

  @Test
  void opensWithDataAndEndsAtOnce() throws YamuxException {
    listener.receive(FrameHeader.SYN | FrameHeader.FIN, 3, 2);
    assertThat(listener.accepted.getFirst().events).containsExactly("ended");
    assertThat(listener.session.size()).isEqualTo(1);
  }

  @Test
  void opensAndResetsInOneFrame() throws YamuxException {
    listener.session.on(Frames.update(FrameHeader.SYN | FrameHeader.RST, 3, 9));
    assertThat(listener.accepted.getFirst().events).containsExactly("removed", "reset 9");
    assertThat(listener.session.size()).isZero();
  }

  @Test
  void refusesIdsThatAreNotThePeersOrInUse() throws YamuxException {
    assertThatThrownBy(() -> listener.session.on(Frames.update(FrameHeader.SYN, 2, 0)))
        .isInstanceOf(YamuxException.class);
    assertThatThrownBy(() -> dialler.session.on(Frames.update(FrameHeader.SYN, 1, 0)))
        .isInstanceOf(YamuxException.class);
    listener.accept(5);
    assertThatThrownBy(() -> listener.session.on(Frames.data(FrameHeader.SYN, 5, 0)))
        .isInstanceOf(YamuxException.class);
  }

  @Test
  void takesNewIdsInAnyOrderAsGoSendsThem() throws YamuxException {
    for (int id : new int[] {5, 3, -1, 1}) {
      assertThat(listener.accept(id).stream().id).isEqualTo(id);
    }
  }

  @Test
  void resetsStreamsOverTheLimitAndDropsTheirBytes() throws YamuxException {
    SessionProbe small = new SessionProbe(false, 1, new WindowBudget(0));
    small.accept(1);
    assertThat(small.session.on(Frames.data(FrameHeader.SYN, 3, 10))).isNull();
    assertThat(small.sent).containsExactly(Frames.update(FrameHeader.RST, 3, 0x1002));
    assertThat(small.session.on(Frames.data(0, 3, 10))).isNull();
    assertThat(small.accepted).hasSize(1);
    assertThat(small.tryOpen()).isNull();
  }

  @Test
  void opensNoMoreWhileThePeerAcknowledgesNone() throws YamuxException {
    for (int i = 0; i < YamuxSession.MAX_UNACKED; i++) {
      assertThat(dialler.tryOpen()).isNotNull();
    }
    assertThat(dialler.tryOpen()).isNull();
    dialler.session.on(Frames.update(FrameHeader.ACK, 1, 0));
    dialler.session.on(Frames.data(FrameHeader.ACK, 1, 0));
    assertThat(dialler.tryOpen()).isNotNull();
    assertThat(dialler.tryOpen()).isNull();
    dialler.session.on(Frames.update(FrameHeader.RST, 3, 0x1002));
    assertThat(dialler.tryOpen()).isNotNull();
    assertThat(dialler.tryOpen()).isNull();
    dialler.session.on(Frames.update(FrameHeader.RST, 1, 0));
    assertThat(dialler.tryOpen()).as("acknowledged before").isNull();
  }

  // ---- ends ----

  @Test
  void streamGoesWhenBothHaveEnded() throws YamuxException {
    Probe probe = listener.accept(1);
    listener.session.on(Frames.update(FrameHeader.FIN, 1, 0));
    listener.session.on(Frames.update(FrameHeader.FIN, 1, 0));
    assertThat(probe.events).containsExactly("ended");
    listener.session.endSent(probe.stream());
    listener.session.endSent(probe.stream());
    assertThat(probe.events).containsExactly("ended", "removed");
    assertThat(listener.session.size()).isZero();
  }

  @Test
  void theEndOfADataFrameComesAfterItsBody() throws YamuxException {
    Probe probe = listener.accept(1);
    FrameHeader data = Frames.data(FrameHeader.FIN, 1, 5);
    assertThat(listener.session.on(data)).isSameAs(probe.stream());
    assertThat(probe.events).isEmpty();
    listener.session.afterBody(probe.stream(), data);
    assertThat(probe.events).containsExactly("ended");
  }

  @Test
  void refusesDataAfterTheEndButNotAWindowUpdate() throws YamuxException {
    Probe probe = listener.accept(1);
    listener.session.on(Frames.data(FrameHeader.FIN, 1, 0));
    listener.session.on(Frames.update(0, 1, 1000));
    assertThat(probe.events).containsExactly("ended", "window");
    assertThatThrownBy(() -> listener.session.on(Frames.data(0, 1, 1)))
        .isInstanceOf(YamuxException.class);
  }

  @Test
  void resetOfThePeerCarriesACodeAndNoWindow() throws YamuxException {
    Probe probe = dialler.open();
    dialler.session.on(Frames.update(FrameHeader.RST, 1, 0x1003));
    assertThat(probe.events).containsExactly("removed", "reset 4099");
    assertThat(probe.stream().sendWindow()).isEqualTo(256 * KIB);
  }

  @Test
  void resetOnADataFrameComesAfterItsBody() throws YamuxException {
    Probe probe = dialler.open();
    dialler.receive(FrameHeader.RST, 1, 100);
    assertThat(probe.events).containsExactly("removed", "reset 0");
  }

  @Test
  void resetFromHereIsSentOnceWithItsCode() throws YamuxException {
    Probe probe = dialler.open();
    dialler.session.reset(probe.stream(), 0x1004);
    dialler.session.reset(probe.stream(), 0x1004);
    assertThat(dialler.sent).containsExactly(Frames.update(FrameHeader.RST, 1, 0x1004));
    assertThat(probe.events).containsExactly("removed");
  }

  @Test
  void framesOfUnknownStreamsAreDroppedSilently() throws YamuxException {
    Probe probe = dialler.open();
    dialler.session.reset(probe.stream(), 0);
    dialler.sent.clear();
    for (int flags : new int[] {0, FrameHeader.ACK, FrameHeader.FIN, FrameHeader.RST}) {
      assertThat(dialler.session.on(Frames.data(flags, 1, 16 << 20))).isNull();
      assertThat(dialler.session.on(Frames.update(flags, 8, 7))).isNull();
    }
    assertThat(dialler.sent).isEmpty();
    assertThat(probe.events).containsExactly("removed");
  }

  @Test
  void closingRemovesEveryStreamOnce() throws YamuxException {
    Probe ended = listener.accept(1);
    Probe open = listener.accept(3);
    listener.session.on(Frames.data(FrameHeader.FIN, 1, 0));
    listener.session.close();
    listener.session.close();
    assertThat(ended.events).containsExactly("ended", "removed");
    assertThat(open.events).containsExactly("removed");
  }

  // ---- the session ----

  @Test
  void answersPingsAndHandsOnAnswers() throws YamuxException {
    dialler.session.on(Frames.ping(FrameHeader.SYN, 7));
    dialler.session.on(Frames.ping(FrameHeader.ACK, 9));
    dialler.session.on(Frames.ping(0, 1));
    assertThat(dialler.sent).containsExactly(Frames.ping(FrameHeader.ACK, 7));
    assertThat(dialler.pongs).containsExactly(9L);
  }

  @Test
  void handsOnGoAway() throws YamuxException {
    dialler.session.on(Frames.goAway(0x1006));
    assertThat(dialler.goAways).containsExactly(0x1006L);
  }

  /** Well-formed frames in any order: the session survives or says why not, and gives all back. */
  @Test
  void anyOrderOfFramesEndsInAProtocolExceptionAtWorst() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      SessionProbe probe =
          new SessionProbe(random.nextBoolean(), 4, new WindowBudget(WindowBudget.HOST_BYTES));
      try {
        for (int i = 0; i < 60; i++) {
          step(probe, random);
        }
      } catch (YamuxException expected) {
        assertThat(expected).hasMessageStartingWith("yamux: ");
      }
      String origin = "seed " + seed + ", round " + round;
      probe.session.close();
      assertThat(probe.budget.left()).as(origin).isEqualTo(WindowBudget.HOST_BYTES);
      assertThat(probe.session.size()).as(origin).isZero();
      assertThat(probe.accepted)
          .as(origin)
          .allSatisfy(p -> assertThat(p.events).containsOnlyOnce("removed"));
    }
  }

  private static void step(SessionProbe probe, Random random) throws YamuxException {
    int id = 1 + random.nextInt(8);
    int flags = random.nextInt(16) & random.nextInt(16);
    int length = random.nextInt(4) == 0 ? 0 : random.nextInt(100_000);
    switch (random.nextInt(7)) {
      case 0 -> probe.session.on(Frames.update(flags, id, length));
      case 1, 2 -> probe.receive(flags, id, length);
      case 3 -> probe.tryOpen();
      default ->
          probe.accepted.stream()
              .skip(random.nextInt(4))
              .findFirst()
              .ifPresent(probed -> act(probe.session, probed, random));
    }
  }

  private static void act(YamuxSession<Probe> session, Probe probe, Random random) {
    switch (random.nextInt(8)) {
      case 0 -> session.endSent(probe.stream());
      case 1 -> session.reset(probe.stream(), 1);
      default -> session.consumed(probe.stream(), 100_000, random.nextLong(20_000_000));
    }
  }
}
