package dev.gvmi.libp2p.transport.quic;

import java.time.Duration;

/**
 * How connections behave, and what bounds them.
 *
 * @param maxInboundStreams streams of a connection that the peer may have open at one time
 * @param maxStreams streams of a connection open at one time, both directions together
 * @param streamWindowBytes what a peer may send on a stream before it is read
 * @param connectionWindowBytes what a peer may send on all streams of a connection before it is
 *     read
 * @param keepalive time between packets that an idle connection sends
 * @param idle a connection on which nothing comes for so long is over
 * @param handshake time for the handshake
 */
public record QuicConfig(
    int maxInboundStreams,
    int maxStreams,
    long streamWindowBytes,
    long connectionWindowBytes,
    Duration keepalive,
    Duration idle,
    Duration handshake) {
  private static final int MOST_INBOUND_STREAMS = 256;

  public static final QuicConfig DEFAULT =
      new QuicConfig(
          MOST_INBOUND_STREAMS,
          512,
          10 << 20,
          15 << 20,
          Duration.ofSeconds(15),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));

  public QuicConfig {
    if (maxInboundStreams < 1
        || maxStreams < 1
        || streamWindowBytes < 1
        || connectionWindowBytes < 1
        || !keepalive.isPositive()
        || !idle.isPositive()
        || !handshake.isPositive()) {
      throw new IllegalArgumentException(
          "a limit of QUIC is not positive: maxStreams=" + maxStreams + " idle=" + idle);
    }
  }

  /**
   * With that many streams of a connection in both directions, of which no more than 256 are the
   * peer's.
   */
  public QuicConfig withMaxStreams(int most) {
    return new QuicConfig(
        Math.min(most, MOST_INBOUND_STREAMS),
        most,
        streamWindowBytes,
        connectionWindowBytes,
        keepalive,
        idle,
        handshake);
  }

  public QuicConfig withWindows(long streamBytes, long connectionBytes) {
    return new QuicConfig(
        maxInboundStreams, maxStreams, streamBytes, connectionBytes, keepalive, idle, handshake);
  }

  public QuicConfig withKeepalive(Duration every, Duration idleAfter) {
    return new QuicConfig(
        maxInboundStreams,
        maxStreams,
        streamWindowBytes,
        connectionWindowBytes,
        every,
        idleAfter,
        handshake);
  }
}
