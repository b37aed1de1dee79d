package dev.gvmi.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A line whose event loop is the test; counts what the line asks of it. */
final class LineProbe implements Wire {
  static final int KIB = 1 << 10;
  static final int MAX_QUEUED_BYTES = 256 * KIB;

  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  final StreamLine line = new StreamLine(this, allocator);
  final AtomicInteger pending = new AtomicInteger();
  final AtomicInteger consumed = new AtomicInteger();
  final AtomicLong resetCode = new AtomicLong(-1);

  LineProbe() {
    line.timeout(Duration.ofSeconds(20));
  }

  @Override
  public void pending() {
    pending.incrementAndGet();
  }

  @Override
  public void consumed(int bytes) {
    consumed.addAndGet(bytes);
  }

  @Override
  public void reset(long code) {
    resetCode.set(code);
  }

  void offer(byte[] bytes) {
    line.offer(allocator.directBuffer(bytes.length).writeBytes(bytes));
  }

  void offer(String text) {
    offer(text.getBytes(StandardCharsets.UTF_8));
  }

  String read(int most) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(most);
    line.read(target);
    return new String(target.array(), 0, target.position(), StandardCharsets.UTF_8);
  }

  byte[] poll(int max) {
    ByteBuf piece = line.poll(max);
    if (piece == null) {
      return new byte[0];
    }
    byte[] bytes = ByteBufUtil.getBytes(piece);
    piece.release();
    return bytes;
  }

  long usedBytes() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }

  /** Whatever a test leaves open is let go of, and nothing leaks. */
  void everythingIsReleased() {
    line.reset(0);
    assertThat(usedBytes()).isZero();
  }

  /** Runs on a virtual thread, as users of streams do. */
  static <T> CompletableFuture<T> async(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          started.countDown();
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    try {
      assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return result;
  }
}
