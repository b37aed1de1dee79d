package dev.gvmi.libp2p.muxer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.io.StreamResetException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link MuxedConnection} does. */
@Timeout(60)
public abstract class ConnectionContract {
  /** How many streams the listener takes. */
  protected static final int MOST_OF_LISTENER = 110;

  /** How many streams the dialler opens. */
  protected static final int MOST_OF_DIALLER = MOST_OF_LISTENER + 1;

  protected static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration MOMENT = Duration.ofMillis(200);
  private static final int KIB = 1 << 10;

  protected final Side dialler = new Side();
  protected final Side listener = new Side();

  /** Connects the two, and waits for it. */
  protected abstract void connect(Side dialler, Side listener) throws Exception;

  /** What lies under the connection is gone, and neither side has said so to the other. */
  protected abstract void lose();

  /** One end of the connection, and the streams that the other has opened. */
  protected static final class Side {
    public final BlockingQueue<ByteStream> accepted = new LinkedBlockingQueue<>();
    public final CompletableFuture<MuxedConnection> attached = new CompletableFuture<>();

    public MuxedConnection connection() {
      return attached.join();
    }

    public ByteStream open() throws IOException {
      return limited(connection().open());
    }

    public ByteStream accept() throws InterruptedException {
      ByteStream stream = accepted.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(stream).as("a stream of the peer").isNotNull();
      return limited(stream);
    }

    private static ByteStream limited(ByteStream stream) {
      stream.timeout(LIMIT);
      return stream;
    }
  }

  @BeforeEach
  void connectBoth() throws Exception {
    connect(dialler, listener);
    dialler.attached.get(20, TimeUnit.SECONDS);
    listener.attached.get(20, TimeUnit.SECONDS);
  }

  protected static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  protected static void write(ByteStream stream, byte[] bytes) throws IOException {
    stream.write(ByteBuffer.wrap(bytes));
    stream.flush();
  }

  protected static byte[] read(ByteStream stream, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    while (target.hasRemaining() && stream.read(target) >= 0) {
      // until all is here
    }
    return Arrays.copyOf(target.array(), target.position());
  }

  private static <T> CompletableFuture<T> start(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static <T> T join(CompletableFuture<T> task) throws Exception {
    return task.get(40, TimeUnit.SECONDS);
  }

  // ---- streams ----

  @Test
  void eitherSideOpensStreamsThatCarryBytesBothWays() throws Exception {
    for (Side opener : List.of(dialler, listener)) {
      Side other = opener == dialler ? listener : dialler;
      ByteStream opened = opener.open();
      write(opened, bytes(1000, 1));
      ByteStream accepted = other.accept();
      assertThat(read(accepted, 1000)).isEqualTo(bytes(1000, 1));
      write(accepted, bytes(2000, 2));
      assertThat(read(opened, 2000)).isEqualTo(bytes(2000, 2));
    }
  }

  @Test
  void aHundredStreamsCarryTheirOwnBytesAtOnce() throws Exception {
    List<CompletableFuture<byte[]>> echoes = new ArrayList<>();
    CompletableFuture<Integer> serving = start(() -> serveEchoes(100));
    for (int i = 0; i < 100; i++) {
      byte[] sent = bytes(100 * KIB, i);
      ByteStream stream = dialler.open();
      echoes.add(
          start(() -> {
            CompletableFuture<Boolean> writing = start(() -> writeAll(stream, sent));
            byte[] received = read(stream, sent.length + 1);
            assertThat(join(writing)).isTrue();
            stream.close();
            return received;
          }));
    }
    for (int i = 0; i < 100; i++) {
      assertThat(join(echoes.get(i))).isEqualTo(bytes(100 * KIB, i));
    }
    assertThat(join(serving)).isEqualTo(100);
  }

  private static boolean writeAll(ByteStream stream, byte[] bytes) throws IOException {
    write(stream, bytes);
    stream.closeWrite();
    return true;
  }

  private int serveEchoes(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      ByteStream stream = listener.accept();
      start(() -> {
        ByteBuffer buffer = ByteBuffer.allocate(8 * KIB);
        while (stream.read(buffer) >= 0) {
          stream.write(buffer.flip());
          buffer.clear();
        }
        stream.close();
        return true;
      });
    }
    return count;
  }

  @Test
  void oneStreamOverTheLimitIsNotOpened() throws Exception {
    for (int i = 0; i < MOST_OF_DIALLER; i++) {
      dialler.open();
    }
    assertThatThrownBy(dialler::open).isInstanceOf(IOException.class);
  }

  // ---- ends ----

  @Test
  void oneDirectionEndsAndTheOtherGoesOn() throws Exception {
    ByteStream opened = dialler.open();
    write(opened, bytes(10, 1));
    opened.closeWrite();
    ByteStream accepted = listener.accept();
    assertThat(read(accepted, 11)).isEqualTo(bytes(10, 1));
    assertThatThrownBy(() -> write(opened, bytes(1, 1))).isInstanceOf(IOException.class);
    write(accepted, bytes(300 * KIB, 2));
    accepted.closeWrite();
    assertThat(read(opened, 300 * KIB + 1)).isEqualTo(bytes(300 * KIB, 2));
  }

  @Test
  void streamsThatHaveEndedOnBothSidesAreGone() throws Exception {
    ByteStream opened = dialler.open();
    opened.closeWrite();
    ByteStream accepted = listener.accept();
    assertThat(read(accepted, 1)).isEmpty();
    accepted.closeWrite();
    assertThat(read(opened, 1)).isEmpty();
    write(dialler.open(), bytes(1, 1));
    read(listener.accept(), 1);
    assertThat(dialler.connection().streamCount()).isEqualTo(1);
    assertThat(listener.connection().streamCount()).isEqualTo(1);
  }

  @Test
  void aResetReachesThePeerWithItsCodeOrWithout() throws Exception {
    for (long code : new long[] {0, 0x1003}) {
      ByteStream opened = dialler.open();
      write(opened, bytes(1, 1));
      ByteStream accepted = listener.accept();
      read(accepted, 1);
      accepted.reset(code);
      assertThatThrownBy(() -> read(opened, 1))
          .isInstanceOfSatisfying(
              StreamResetException.class, e -> assertThat(e.code()).isEqualTo(code));
      assertThatThrownBy(() -> write(opened, bytes(1, 1))).isInstanceOf(StreamResetException.class);
      assertThatThrownBy(() -> read(accepted, 1)).isInstanceOf(StreamResetException.class);
    }
  }

  // ---- flow ----

  @Test
  void aStreamThatNobodyReadsStopsItsWriterAndNoOther() throws Exception {
    ByteStream full = dialler.open();
    ByteBuffer most = ByteBuffer.wrap(bytes(4 << 20, 1));
    full.timeout(MOMENT);
    assertThatThrownBy(() -> full.write(most)).isInstanceOf(SocketTimeoutException.class);
    assertThat(most.hasRemaining()).isTrue();
    ByteStream other = dialler.open();
    write(other, bytes(256 * KIB, 2));
    ByteStream unread = listener.accept();
    assertThat(read(listener.accept(), 256 * KIB)).isEqualTo(bytes(256 * KIB, 2));
    full.timeout(LIMIT);
    CompletableFuture<Boolean> rest =
        start(() -> {
          full.write(most);
          full.closeWrite();
          return true;
        });
    assertThat(read(unread, (4 << 20) + 1)).isEqualTo(bytes(4 << 20, 1));
    assertThat(join(rest)).isTrue();
  }

  @Test
  void aReaderWaitsNoLongerThanItsLimit() throws Exception {
    ByteStream stream = dialler.open();
    stream.timeout(MOMENT);
    assertThatThrownBy(() -> read(stream, 1)).isInstanceOf(SocketTimeoutException.class);
    stream.timeout(LIMIT);
    write(stream, bytes(1, 1));
    write(listener.accept(), bytes(5, 2));
    assertThat(read(stream, 5)).isEqualTo(bytes(5, 2));
  }

  // ---- the connection ----

  @Test
  void closeEndsTheStreamsOfBothSides() throws Exception {
    ByteStream opened = dialler.open();
    write(opened, bytes(1, 1));
    ByteStream accepted = listener.accept();
    read(accepted, 1);
    CompletableFuture<byte[]> reading = start(() -> read(accepted, 1));
    dialler.connection().close();
    dialler.connection().close();
    for (Side side : List.of(dialler, listener)) {
      side.connection().closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertThatThrownBy(side::open).isInstanceOf(IOException.class);
      assertThat(side.connection().streamCount()).isZero();
    }
    assertThatThrownBy(() -> join(reading)).hasCauseInstanceOf(StreamResetException.class);
    assertThatThrownBy(() -> read(opened, 1)).isInstanceOf(StreamResetException.class);
  }

  @Test
  void aConnectionThatIsLostEndsAsOneThatIsClosed() throws Exception {
    ByteStream opened = dialler.open();
    lose();
    dialler.connection().closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThatThrownBy(() -> read(opened, 1)).isInstanceOf(StreamResetException.class);
    assertThatThrownBy(dialler::open).isInstanceOf(IOException.class);
  }
}
