package dev.gvmi.libp2p.negotiate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.io.ByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class NegotiatedStreamTest {
  private static final String PROTOCOL = "/test/1.0.0";
  private static final byte[] OPENING = new MultistreamCodec.Dialer(List.of(PROTOCOL)).opening();

  @Test
  void payloadFollowsTheOpeningThatTheReaderIsSending() throws Exception {
    SlowStream wire = new SlowStream();
    NegotiatedStream stream = NegotiatedStream.dialLazily(wire, PROTOCOL);
    Thread reader = Thread.ofVirtual().start(() -> readToEnd(stream));
    wire.firstWriteBegun.await();
    stream.write(US_ASCII.encode("payload"));
    assertThat(wire.written()).isEqualTo(new String(OPENING, US_ASCII) + "payload");
    wire.end.countDown();
    reader.join();
  }

  @Test
  void readerDoesNotRepeatTheOpeningThatTheWriterIsSending() throws Exception {
    SlowStream wire = new SlowStream();
    NegotiatedStream stream = NegotiatedStream.dialLazily(wire, PROTOCOL);
    Thread writer = Thread.ofVirtual().start(() -> write(stream, "payload"));
    wire.firstWriteBegun.await();
    wire.end.countDown();
    readToEnd(stream);
    writer.join();
    assertThat(wire.written()).isEqualTo(new String(OPENING, US_ASCII) + "payload");
  }

  @Test
  void whatAFillerPutsFollowsTheOpening() throws Exception {
    SlowStream wire = new SlowStream();
    NegotiatedStream stream = NegotiatedStream.dialLazily(wire, PROTOCOL);
    stream.write(7, targets -> targets[0].put(US_ASCII.encode("payload")));
    assertThat(wire.written()).isEqualTo(new String(OPENING, US_ASCII) + "payload");
  }

  private static void write(NegotiatedStream stream, String text) {
    try {
      stream.write(US_ASCII.encode(text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The wire ends without an answer, which fails the read. */
  private static void readToEnd(NegotiatedStream stream) {
    try {
      int count = stream.read(ByteBuffer.allocate(1));
      throw new AssertionError("read " + count);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("closed the stream");
    }
  }

  /** Its first write gives a second one the time to overtake; reads wait for {@code end}. */
  private static final class SlowStream implements ByteStream {
    private static final long OVERTAKING_MILLIS = 200;

    final CountDownLatch firstWriteBegun = new CountDownLatch(1);
    final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch overtaken = new CountDownLatch(1);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    String written() {
      synchronized (written) {
        return written.toString(US_ASCII);
      }
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      boolean first = firstWriteBegun.getCount() > 0;
      firstWriteBegun.countDown();
      if (first) {
        await(overtaken, OVERTAKING_MILLIS);
      }
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      synchronized (written) {
        written.writeBytes(bytes);
      }
      overtaken.countDown();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      await(end, Long.MAX_VALUE);
      return -1;
    }

    private static void await(CountDownLatch latch, long millis) throws IOException {
      try {
        boolean _ = latch.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void timeout(Duration timeout) {}

    @Override
    public void closeWrite() {}

    @Override
    public void reset(long code) {}

    @Override
    public void close() {}
  }
}
