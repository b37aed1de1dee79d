package dev.gvmi.libp2p.negotiate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.negotiate.MultistreamCodec.Step;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stream on which a protocol is agreed, or is being agreed while the first payload is already
 * under way.
 *
 * <p>Lazy dialling: with a protocol that the peer is known to speak, header, proposal and first
 * payload leave in one flight; the answers are checked before the first read returns. If the peer
 * refuses after all, what was written is lost and the read fails.
 *
 * <p><b>Thread:</b> as {@link ByteStream}.
 */
public final class NegotiatedStream implements ByteStream {
  private static final int MAX_JOINED_BYTES = 4096;

  private final ByteStream stream;
  private final ByteBuffer inbox =
      ByteBuffer.allocate(MultistreamCodec.MAX_MESSAGE_BYTES + 2).flip();

  /**
   * Held while the opening is written: reader and writer may both come first, payload never does.
   */
  private final ReentrantLock openingLock = new ReentrantLock();

  @GuardedBy("openingLock")
  private byte @Nullable [] opening;

  private MultistreamCodec.@Nullable Dialer unanswered;
  private String protocol = "";

  private NegotiatedStream(ByteStream stream, byte @Nullable [] opening) {
    this.stream = stream;
    this.opening = opening;
  }

  /**
   * Proposes protocols in order and waits for the answer.
   *
   * @throws UnsupportedProtocolException if the peer speaks none of them
   */
  public static NegotiatedStream dial(ByteStream stream, List<String> protocols)
      throws IOException {
    NegotiatedStream negotiated = new NegotiatedStream(stream, null);
    MultistreamCodec.Dialer dialer = new MultistreamCodec.Dialer(protocols);
    stream.write(ByteBuffer.wrap(dialer.opening()));
    stream.flush();
    negotiated.protocol = negotiated.awaitAgreement(dialer::on);
    return negotiated;
  }

  /** Takes {@code protocol} for agreed; nothing is sent before the first write, read or flush. */
  public static NegotiatedStream dialLazily(ByteStream stream, String protocol) {
    MultistreamCodec.Dialer dialer = new MultistreamCodec.Dialer(List.of(protocol));
    NegotiatedStream negotiated = new NegotiatedStream(stream, dialer.opening());
    negotiated.unanswered = dialer;
    negotiated.protocol = protocol;
    return negotiated;
  }

  /** Waits for the peer's proposals and accepts the first that is supported. */
  public static NegotiatedStream accept(ByteStream stream, Predicate<String> supported)
      throws IOException {
    NegotiatedStream negotiated = new NegotiatedStream(stream, null);
    MultistreamCodec.Listener listener = new MultistreamCodec.Listener(supported);
    negotiated.protocol = negotiated.awaitAgreement(listener::on);
    return negotiated;
  }

  public String protocol() {
    return protocol;
  }

  @FunctionalInterface
  private interface Machine {
    Step on(String message) throws ProtocolException;
  }

  private String awaitAgreement(Machine machine) throws IOException {
    while (true) {
      String message = MultistreamCodec.decode(inbox);
      if (message == null) {
        fill();
        continue;
      }
      Step step = machine.on(message);
      byte[] send = step.send();
      if (send != null) {
        stream.write(ByteBuffer.wrap(send));
        stream.flush();
      }
      String agreed = step.agreed();
      if (agreed != null) {
        return agreed;
      }
    }
  }

  private void fill() throws IOException {
    inbox.compact();
    try {
      if (stream.read(inbox) < 0) {
        throw new EOFException("the peer closed the stream while agreeing on a protocol");
      }
    } finally {
      inbox.flip();
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (unanswered != null) {
      flush();
      awaitAgreement(unanswered::on);
      unanswered = null;
    }
    if (inbox.hasRemaining()) {
      int count = Math.min(inbox.remaining(), target.remaining());
      target.put(target.position(), inbox, inbox.position(), count);
      target.position(target.position() + count);
      inbox.position(inbox.position() + count);
      return count;
    }
    return stream.read(target);
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    sendOpening(source);
    if (source.hasRemaining()) {
      stream.write(source);
    }
  }

  @Override
  public void write(int bytes, Filler filler) throws IOException {
    sendOpening();
    stream.write(bytes, filler);
  }

  @Override
  public void flush() throws IOException {
    sendOpening();
    stream.flush();
  }

  private void sendOpening() throws IOException {
    sendOpening(ByteBuffer.allocate(0));
  }

  /** Writes the opening, if it has not been, together with the beginning of the payload. */
  private void sendOpening(ByteBuffer payload) throws IOException {
    openingLock.lock();
    try {
      byte[] first = opening;
      if (first == null) {
        return;
      }
      opening = null;
      int joined = Math.min(payload.remaining(), MAX_JOINED_BYTES);
      ByteBuffer flight = ByteBuffer.allocate(first.length + joined).put(first);
      flight.put(payload.slice(payload.position(), joined)).flip();
      payload.position(payload.position() + joined);
      stream.write(flight);
    } finally {
      openingLock.unlock();
    }
  }

  @Override
  public void timeout(Duration timeout) {
    stream.timeout(timeout);
  }

  @Override
  public void closeWrite() throws IOException {
    sendOpening();
    stream.closeWrite();
  }

  @Override
  public void reset(long code) {
    stream.reset(code);
  }

  @Override
  public void close() {
    stream.close();
  }
}
