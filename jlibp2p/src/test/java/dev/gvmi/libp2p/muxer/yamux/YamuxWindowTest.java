package dev.gvmi.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.muxer.yamux.SessionProbe.Probe;
import dev.gvmi.libp2p.muxer.yamux.YamuxSession.Stream;
import org.junit.jupiter.api.Test;

/** How much may be on the way on a stream. */
final class YamuxWindowTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final long SLOW_NANOS = 1_000_000_000;

  private final SessionProbe listener = new SessionProbe(false);

  /**
   * The peer sends half a window and the reader takes it within a few nanoseconds, again and again.
   */
  private static void readFast(SessionProbe probe, Stream<Probe> stream, int halves)
      throws YamuxException {
    for (int i = 0; i < halves; i++) {
      int half = (int) stream.receiveMax() / 2;
      probe.receive(0, stream.id, half);
      probe.session.consumed(stream, half, i);
    }
  }

  @Test
  void takesDataUpToTheWindowAndNotOneByteMore() throws YamuxException {
    listener.accept(1);
    listener.receive(0, 1, 256 * KIB);
    assertThatThrownBy(() -> listener.receive(0, 1, 1))
        .isInstanceOf(YamuxException.class)
        .hasMessageContaining("window");
  }

  @Test
  void creditsWhatWasReadInHalvesOfTheWindow() throws YamuxException {
    Stream<Probe> stream = listener.accept(1).stream();
    listener.receive(0, 1, 256 * KIB);
    listener.session.consumed(stream, 128 * KIB - 1, SLOW_NANOS);
    assertThat(listener.sent).isEmpty();
    listener.session.consumed(stream, 1, 2 * SLOW_NANOS);
    assertThat(listener.sent).containsExactly(Frames.update(0, 1, 128 * KIB));
    listener.receive(0, 1, 128 * KIB);
    assertThatThrownBy(() -> listener.receive(0, 1, 1)).isInstanceOf(YamuxException.class);
  }

  @Test
  void creditsNothingAfterTheEnd() throws YamuxException {
    Stream<Probe> stream = listener.accept(1).stream();
    listener.receive(FrameHeader.FIN, 1, 256 * KIB);
    listener.session.consumed(stream, 256 * KIB, SLOW_NANOS);
    assertThat(listener.sent).isEmpty();
    assertThat(listener.budget.left()).isEqualTo(WindowBudget.HOST_BYTES);
  }

  @Test
  void windowGrowsForAFastReaderUpToTheMost() throws YamuxException {
    Stream<Probe> stream = listener.accept(1).stream();
    readFast(listener, stream, 10);
    assertThat(stream.receiveMax()).isEqualTo(16 * MIB);
    assertThat(listener.budget.left()).isEqualTo(WindowBudget.HOST_BYTES - 16 * MIB + 256 * KIB);
    listener.receive(0, 1, 16 * MIB);
    assertThatThrownBy(() -> listener.receive(0, 1, 1)).isInstanceOf(YamuxException.class);
  }

  @Test
  void windowStaysForASlowReaderAndForALongRoundTripItGrows() throws YamuxException {
    Stream<Probe> stream = listener.accept(1).stream();
    listener.receive(0, 1, 256 * KIB);
    listener.session.consumed(stream, 128 * KIB, SLOW_NANOS);
    assertThat(stream.receiveMax()).isEqualTo(256 * KIB);
    listener.session.roundTrip(200_000_000);
    listener.session.consumed(stream, 128 * KIB, SLOW_NANOS + 700_000_000);
    assertThat(stream.receiveMax()).isEqualTo(1024 * KIB);
    assertThat(listener.sent)
        .containsExactly(Frames.update(0, 1, 128 * KIB), Frames.update(0, 1, 896 * KIB));
  }

  /** On a long line a window that waits for its second half to grow costs a round trip. */
  @Test
  void windowGrowsWithItsFirstHalfIfThatIsReadFast() throws YamuxException {
    Stream<Probe> stream = listener.accept(1).stream();
    listener.session.roundTrip(100_000_000);
    listener.receive(0, 1, 256 * KIB);
    listener.session.consumed(stream, 64 * KIB, SLOW_NANOS);
    listener.session.consumed(stream, 64 * KIB, SLOW_NANOS + 100_000_000);
    assertThat(stream.receiveMax()).isEqualTo(1024 * KIB);
  }

  @Test
  void windowsOfAConnectionGrowWithinItsBudget() throws YamuxException {
    long grown = 0;
    for (int id = 1; id < 20; id += 2) {
      Stream<Probe> stream = listener.accept(id).stream();
      readFast(listener, stream, 8);
      grown += stream.receiveMax() - 256 * KIB;
    }
    assertThat(grown).isEqualTo(WindowBudget.CONNECTION_BYTES);
    listener.session.close();
    assertThat(listener.budget.left()).isEqualTo(WindowBudget.HOST_BYTES);
  }

  @Test
  void windowsOfAHostGrowWithinItsBudget() throws YamuxException {
    SessionProbe probe = new SessionProbe(false, 512, new WindowBudget(300 * KIB));
    Stream<Probe> stream = probe.accept(1).stream();
    readFast(probe, stream, 4);
    assertThat(stream.receiveMax()).isEqualTo(512 * KIB);
    assertThat(probe.budget.left()).isEqualTo(44 * KIB);
    probe.session.reset(stream, 0);
    assertThat(probe.budget.left()).isEqualTo(300 * KIB);
  }

  @Test
  void sendWindowGrowsByWhatThePeerSaysAndShrinksByWhatIsSent() throws YamuxException {
    Probe probe = listener.accept(1);
    listener.session.sent(probe.stream(), 256 * KIB);
    assertThat(probe.stream().sendWindow()).isZero();
    listener.session.on(Frames.update(0, 1, 5));
    assertThat(probe.stream().sendWindow()).isEqualTo(5);
    assertThat(probe.events).containsExactly("window");
  }

  @Test
  void sendWindowMustFit32Bits() throws YamuxException {
    listener.accept(1);
    listener.session.on(Frames.update(0, 1, 0xffff_ffffL - 256 * KIB));
    assertThatThrownBy(() -> listener.session.on(Frames.update(0, 1, 1)))
        .isInstanceOf(YamuxException.class);
  }
}
