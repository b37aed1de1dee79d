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
import java.util.concurrent.TimeoutException;
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
  void aWriterThatWaitedGoesOnWhenLittleIsLeft() throws Exception {
    probe.line.write(ByteBuffer.allocate(LineProbe.MAX_QUEUED_BYTES));
    CompletableFuture<Boolean> writer =
        LineProbe.async(() -> {
          probe.line.write(ByteBuffer.allocate(1));
          return true;
        });
    drain(LineProbe.MAX_QUEUED_BYTES / 2);
    assertThatThrownBy(() -> writer.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    drain(1);
    assertThat(writer.get(10, TimeUnit.SECONDS)).isTrue();
  }

  private void drain(int bytes) {
    int left = bytes;
    while (left > 0) {
      left -= probe.poll(left).length;
    }
  }

  @Test
  void sendsWhatAFillerPuts() throws IOException {
    int[] sizes = new int[1];
    probe.line.write(
        150_000,
        targets -> {
          sizes[0] = targets.length;
          byte next = 0;
          for (ByteBuffer target : targets) {
            while (target.hasRemaining()) {
              target.put(next++);
            }
          }
        });
    assertThat(sizes[0]).isEqualTo(3);
    assertThat(probe.pending).hasValue(1);
    int total = 0;
    for (byte[] piece = probe.poll(1 << 20); piece.length > 0; piece = probe.poll(1 << 20)) {
      for (byte b : piece) {
        assertThat(b).isEqualTo((byte) total++);
      }
    }
    assertThat(total).isEqualTo(150_000);
  }

  @Test
  void leavesRoomForAHeaderInFrontOfWhatAFillerPuts() throws IOException {
    probe.line.write(1, targets -> targets[0].put((byte) 9));
    ByteBuf piece = probe.line.poll(10);
    assertThat(piece).isNotNull();
    assertThat(piece.readerIndex()).isEqualTo(StreamLine.HEADROOM_BYTES);
    assertThat(piece.readByte()).isEqualTo((byte) 9);
    piece.release();
  }

  @Test
  void sendsNothingWhenAFillerFails() {
    assertThatThrownBy(() ->
            probe.line.write(
                100_000,
                targets -> {
                  throw new IOException("disk");
                }))
        .hasMessage("disk");
    assertThat(probe.line.hasOutbound()).isFalse();
    assertThat(probe.usedBytes()).isZero();
  }

  @Test
  void neverSendsWhatABufferHeldBefore() {
    assertThatThrownBy(() -> probe.line.write(2, targets -> targets[0].put((byte) 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 bytes");
    assertThat(probe.line.hasOutbound()).isFalse();
    assertThat(probe.usedBytes()).isZero();
  }

  @Test
  void aFillerIsNotAskedWhileMuchIsQueued() throws Exception {
    probe.line.write(ByteBuffer.allocate(LineProbe.MAX_QUEUED_BYTES / 2));
    probe.line.timeout(Duration.ofMillis(5));
    assertThatThrownBy(() ->
            probe.line.write(
                1,
                targets -> {
                  throw new AssertionError("asked");
                }))
        .isInstanceOf(SocketTimeoutException.class);
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
