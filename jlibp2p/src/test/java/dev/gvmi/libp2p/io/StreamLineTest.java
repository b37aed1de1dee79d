package dev.gvmi.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a line ends. */
final class StreamLineTest {
  private final LineProbe probe = new LineProbe();

  @AfterEach
  void everyBufferIsReleased() {
    probe.everythingIsReleased();
  }

  @Test
  void resetFromHereEndsBothDirectionsAtOnce() throws IOException {
    probe.offer("lost");
    probe.line.write(ByteBuffer.wrap(new byte[] {1}));
    probe.line.reset(0x1003);
    probe.line.reset(7);
    assertThat(probe.resetCode).hasValue(0x1003);
    assertThat(probe.line.poll(10)).isNull();
    assertThat(probe.line.takeEnd()).isFalse();
    assertThatThrownBy(() -> probe.read(1))
        .isInstanceOfSatisfying(
            StreamResetException.class, e -> assertThat(e.code()).isEqualTo(0x1003));
    assertThatThrownBy(() -> probe.line.write(ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(StreamResetException.class);
  }

  @Test
  void resetByThePeerWakesReaderAndWriterWithItsCode() throws Exception {
    probe.line.write(ByteBuffer.allocate(LineProbe.MAX_QUEUED_BYTES));
    CompletableFuture<String> reader = LineProbe.async(() -> probe.read(1));
    CompletableFuture<Boolean> writer =
        LineProbe.async(() -> {
          probe.line.write(ByteBuffer.allocate(1));
          return true;
        });
    probe.line.aborted("the peer has reset the stream", 0x1004);
    for (CompletableFuture<?> waiting : java.util.List.of(reader, writer)) {
      assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              StreamResetException.class, e -> assertThat(e.code()).isEqualTo(0x1004));
    }
    assertThat(probe.resetCode).hasValue(-1);
  }

  @Test
  void whatCameBeforeTheEndIsReadAfterTheConnectionIsLost() throws IOException {
    probe.offer("all");
    probe.line.ended();
    probe.line.aborted("the connection is gone", 0);
    assertThat(probe.read(2)).isEqualTo("al");
    assertThat(probe.read(2)).isEqualTo("l");
    assertThat(probe.line.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThatThrownBy(() -> probe.line.write(ByteBuffer.allocate(1)))
        .isInstanceOf(StreamResetException.class);
  }

  @Test
  void withoutTheEndALostConnectionFailsReading() {
    probe.offer("part");
    probe.line.aborted("the connection is gone", 0);
    assertThatThrownBy(() -> probe.read(2))
        .isInstanceOf(StreamResetException.class)
        .hasMessageContaining("gone");
  }

  @Test
  void closeGivesBackWhatIsUnreadAndEndsWriting() throws IOException {
    probe.offer("unread");
    probe.line.close();
    assertThat(probe.consumed).hasValue(6);
    assertThat(probe.line.takeEnd()).isTrue();
    assertThatThrownBy(() -> probe.read(1)).isInstanceOf(IOException.class);
  }

  @Test
  void closeSendsWhatWasWritten() throws IOException {
    probe.line.write(ByteBuffer.wrap(new byte[] {1, 2}));
    probe.line.close();
    assertThat(probe.poll(10)).hasSize(2);
    assertThat(probe.line.takeEnd()).isTrue();
  }

  @Test
  void aClosedStreamDiscardsAndCreditsOneMebibyteThenResets() {
    probe.line.close();
    byte[] piece = new byte[64 * LineProbe.KIB];
    for (int i = 0; i < 16; i++) {
      probe.offer(piece);
    }
    assertThat(probe.consumed).hasValue(1 << 20);
    assertThat(probe.resetCode).hasValue(-1);
    probe.offer(new byte[1]);
    assertThat(probe.resetCode).hasValue(0);
  }

  @Test
  void aBufferThatIsBeingReadSurvivesResetUntilItIsDone() throws Exception {
    for (int round = 0; round < 200; round++) {
      StreamLine raced = new StreamLine(probe, probe.allocator);
      raced.timeout(Duration.ofSeconds(20));
      ByteBuf data = Unpooled.wrappedBuffer(new byte[32 * LineProbe.KIB]);
      CompletableFuture<Integer> reader =
          LineProbe.async(() -> {
            int sum = 0;
            ByteBuffer target = ByteBuffer.allocate(100);
            while (raced.read(target.clear()) >= 0) {
              sum += target.position();
            }
            return sum;
          });
      for (int i = 0; i < 4; i++) {
        raced.offer(data.retainedDuplicate());
      }
      raced.reset(0);
      assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(StreamResetException.class);
      assertThat(data.refCnt()).isEqualTo(1);
    }
  }
}
