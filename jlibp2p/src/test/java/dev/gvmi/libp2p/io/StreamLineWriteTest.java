package dev.gvmi.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StreamLineWriteTest {
  private final LineProbe probe = new LineProbe();

  @AfterEach
  void everyBufferIsReleased() {
    probe.everythingIsReleased();
  }

  @Test
  void leavesRoomForAHeader() throws IOException {
    probe.line.write(ByteBuffer.wrap(new byte[] {7, 8}));
    ByteBuf piece = probe.line.poll(StreamLine.MAX_PIECE_BYTES);
    assertThat(piece).isNotNull();
    assertThat(piece.readableBytes()).isEqualTo(2);
    assertThat(piece.readerIndex()).isEqualTo(StreamLine.HEADROOM_BYTES);
    assertThat(piece.refCnt()).isEqualTo(1);
    assertThat(piece.getByte(piece.readerIndex() + 1)).isEqualTo((byte) 8);
    piece.release();
  }

  @Test
  void cutsLargeWritesIntoPieces() throws IOException {
    ByteBuffer source = ByteBuffer.allocateDirect(150_000);
    probe.line.write(source);
    assertThat(source.hasRemaining()).isFalse();
    assertThat(source.limit()).isEqualTo(150_000);
    int total = 0;
    for (byte[] piece = probe.poll(1 << 20); piece.length > 0; piece = probe.poll(1 << 20)) {
      assertThat(piece.length).isLessThanOrEqualTo(StreamLine.MAX_PIECE_BYTES);
      total += piece.length;
    }
    assertThat(total).isEqualTo(150_000);
    assertThat(probe.line.hasOutbound()).isFalse();
  }

  @Test
  void givesNoMoreThanAskedFor() throws IOException {
    probe.line.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
    assertThat(probe.poll(0)).isEmpty();
    assertThat(probe.poll(2)).containsExactly(1, 2);
    probe.line.write(ByteBuffer.wrap(new byte[] {6}));
    assertThat(probe.poll(9)).containsExactly(3, 4, 5);
    assertThat(probe.poll(9)).containsExactly(6);
  }

  @Test
  void writerWaitsWhileTheQueueIsFull() throws Exception {
    probe.line.timeout(Duration.ofMillis(20));
    ByteBuffer source = ByteBuffer.allocate(1 << 20);
    assertThatThrownBy(() -> probe.line.write(source)).isInstanceOf(SocketTimeoutException.class);
    assertThat(source.position())
        .isBetween(LineProbe.MAX_QUEUED_BYTES, LineProbe.MAX_QUEUED_BYTES + 64 * LineProbe.KIB);
    probe.line.timeout(Duration.ofSeconds(20));
    CompletableFuture<Boolean> writer =
        LineProbe.async(() -> {
          probe.line.write(source);
          return true;
        });
    int total = 0;
    while (total < 1 << 20) {
      total += probe.poll(1 << 20).length;
    }
    assertThat(writer.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(total).isEqualTo(1 << 20);
  }

  @Test
  void endIsTakenOnceAndAfterTheData() throws IOException {
    assertThat(probe.line.takeEnd()).isFalse();
    probe.line.write(ByteBuffer.wrap(new byte[] {1}));
    probe.line.closeWrite();
    assertThat(probe.line.takeEnd()).isFalse();
    assertThat(probe.poll(1)).hasSize(1);
    assertThat(probe.line.takeEnd()).isTrue();
    assertThat(probe.line.takeEnd()).isFalse();
  }

  @Test
  void refusesToWriteAfterTheEnd() {
    probe.line.closeWrite();
    probe.line.closeWrite();
    assertThatThrownBy(() -> probe.line.write(ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StreamResetException.class);
  }
}
