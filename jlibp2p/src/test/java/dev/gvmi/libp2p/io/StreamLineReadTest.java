package dev.gvmi.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StreamLineReadTest {
  private final LineProbe probe = new LineProbe();

  @AfterEach
  void everyBufferIsReleased() {
    probe.everythingIsReleased();
  }

  @Test
  void readsInOrderInPiecesOfAnySizeAndCreditsWhatWasRead() throws IOException {
    probe.offer("hello");
    probe.offer(" world");
    assertThat(probe.read(3)).isEqualTo("hel");
    assertThat(probe.consumed).hasValue(3);
    probe.offer("!");
    StringBuilder rest = new StringBuilder();
    while (rest.length() < 9) {
      rest.append(probe.read(4));
    }
    assertThat(rest).hasToString("lo world!");
    assertThat(probe.consumed).hasValue(12);
  }

  @Test
  void oneReadTakesAllThatIsHere() throws IOException {
    byte[] large = new byte[20 * LineProbe.KIB];
    for (int i = 0; i < 3; i++) {
      probe.offer(large);
    }
    probe.offer("end");
    ByteBuffer target = ByteBuffer.allocate(50 * LineProbe.KIB);
    assertThat(probe.line.read(target)).isEqualTo(target.capacity());
    assertThat(probe.consumed).hasValue(target.capacity());
    assertThat(probe.line.read(target.clear())).isEqualTo(10 * LineProbe.KIB + 3);
    assertThat(target.get(target.position() - 1)).isEqualTo((byte) 'd');
  }

  @Test
  void keepsTheLimitOfTheTarget() throws IOException {
    probe.offer("ab");
    ByteBuffer target = ByteBuffer.allocate(10).limit(8).position(1);
    assertThat(probe.line.read(target)).isEqualTo(2);
    assertThat(target.position()).isEqualTo(3);
    assertThat(target.limit()).isEqualTo(8);
    assertThat(probe.line.read(ByteBuffer.allocate(0))).isZero();
  }

  @Test
  void copiesSmallPiecesTogetherAndKeepsLargeOnes() throws IOException {
    byte[] one = {1};
    for (int i = 0; i < 1000; i++) {
      probe.offer(one);
    }
    assertThat(probe.usedBytes()).isEqualTo(1024);
    byte[] large = new byte[64 * LineProbe.KIB];
    probe.offer(large);
    assertThat(probe.usedBytes()).isEqualTo(65 * LineProbe.KIB);
    probe.offer(one);
    int left = 1000 + large.length + 1;
    ByteBuffer target = ByteBuffer.allocate(LineProbe.KIB);
    while (left > 0) {
      left -= probe.line.read(target.clear());
    }
    assertThat(left).isZero();
    assertThat(probe.consumed).hasValue(1000 + large.length + 1);
    assertThat(probe.usedBytes()).isZero();
  }

  @Test
  void doesNotKeepALargeBufferForASmallSlice() {
    for (int i = 0; i < 10; i++) {
      ByteBuf large = probe.allocator.directBuffer(64 * LineProbe.KIB);
      probe.line.offer(large.writeZero(LineProbe.KIB).readRetainedSlice(LineProbe.KIB));
      large.release();
    }
    assertThat(probe.usedBytes()).isLessThanOrEqualTo(16 * LineProbe.KIB);
  }

  @Test
  void keepsTheOrderOfSmallAndLargePieces() throws IOException {
    java.util.Random random = new java.util.Random(3);
    byte[] all = new byte[600 * LineProbe.KIB];
    random.nextBytes(all);
    ByteBuffer target = ByteBuffer.allocate(all.length);
    int sent = 0;
    while (sent < all.length) {
      int most = random.nextBoolean() ? 40 * LineProbe.KIB : 100;
      int count = Math.min(all.length - sent, 1 + random.nextInt(most));
      probe.offer(java.util.Arrays.copyOfRange(all, sent, sent + count));
      sent += count;
      while (target.position() < sent && random.nextInt(5) > 0) {
        ByteBuffer some =
            target.slice(target.position(), Math.min(sent - target.position(), 9_000));
        target.position(target.position() + probe.line.read(some));
      }
    }
    while (target.hasRemaining()) {
      probe.line.read(target);
    }
    assertThat(target.array()).isEqualTo(all);
  }

  @Test
  void waitingReaderGetsWhatComes() throws Exception {
    CompletableFuture<String> reader = LineProbe.async(() -> probe.read(10));
    probe.offer("late");
    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("late");
  }

  @Test
  void endComesAfterTheData() throws Exception {
    probe.offer("x");
    probe.line.ended();
    assertThat(probe.read(5)).isEqualTo("x");
    assertThat(probe.line.read(ByteBuffer.allocate(5))).isEqualTo(-1);
    assertThat(probe.line.read(ByteBuffer.allocate(5))).isEqualTo(-1);
  }

  @Test
  void endWakesAWaitingReader() throws Exception {
    CompletableFuture<Integer> reader =
        LineProbe.async(() -> probe.line.read(ByteBuffer.allocate(1)));
    probe.line.ended();
    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void readTimesOutAndTheStreamGoesOn() throws IOException {
    probe.line.timeout(Duration.ofMillis(5));
    assertThatThrownBy(() -> probe.read(1)).isInstanceOf(SocketTimeoutException.class);
    probe.offer("x");
    assertThat(probe.read(1)).isEqualTo("x");
  }

  @Test
  void takesATimeoutOfAnyLength() throws IOException {
    probe.line.timeout(Duration.ofSeconds(Long.MAX_VALUE));
    probe.offer("x");
    assertThat(probe.read(1)).isEqualTo("x");
  }

  @Test
  void interruptEndsTheWaitAndStaysSet() throws Exception {
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                probe.read(1);
              } catch (IOException e) {
                flag.complete(Thread.currentThread().isInterrupted());
                failure.complete(e);
              }
            });
    reader.interrupt();
    assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    assertThat(flag.get()).isTrue();
  }
}
