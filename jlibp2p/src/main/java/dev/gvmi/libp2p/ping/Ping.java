package dev.gvmi.libp2p.ping;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code /ipfs/ping/1.0.0}: 32 random bytes that come back.
 *
 * <p><b>Source:</b> libp2p ping specification.
 */
public final class Ping {
  public static final ProtocolId PROTOCOL = new ProtocolId("/ipfs/ping/1.0.0");
  private static final int BYTES = 32;
  private static final Duration IDLE = Duration.ofSeconds(60);

  private Ping() {}

  /** Answers until the opener closes. */
  public static void serve(Stream stream) throws IOException {
    stream.timeout(IDLE);
    ByteBuffer echo = ByteBuffer.allocate(BYTES);
    while (stream.read(echo) >= 0) {
      if (!echo.hasRemaining()) {
        stream.write(echo.flip());
        stream.flush();
        echo.clear();
      }
    }
  }

  /** One round trip to a connected peer; {@link ProtocolException} if other bytes come back. */
  public static Duration measure(Host host, PeerId peer, Duration timeout) throws IOException {
    byte[] sent = new byte[BYTES];
    ThreadLocalRandom.current().nextBytes(sent);
    try (Stream stream = host.newStream(peer, timeout, PROTOCOL)) {
      stream.timeout(timeout);
      long start = System.nanoTime();
      stream.write(ByteBuffer.wrap(sent));
      stream.flush();
      ByteBuffer received = ByteBuffer.allocate(BYTES);
      LengthPrefixed.readFully(stream, received);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (!received.flip().equals(ByteBuffer.wrap(sent))) {
        stream.reset(StreamErrors.PROTOCOL_VIOLATION.code());
        throw new ProtocolException("ping answered with other bytes");
      }
      return took;
    }
  }
}
