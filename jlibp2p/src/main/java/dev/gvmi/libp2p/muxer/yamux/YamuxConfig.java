package dev.gvmi.libp2p.muxer.yamux;

import java.time.Duration;

/**
 * How a session behaves.
 *
 * @param maxStreams streams open at one time on a connection, both directions together
 * @param keepalive time between pings; a ping that is not answered by the next ends the connection
 */
public record YamuxConfig(int maxStreams, Duration keepalive) {
  public static final YamuxConfig DEFAULT = new YamuxConfig(512, Duration.ofSeconds(30));

  public YamuxConfig {
    if (maxStreams < 1 || !keepalive.isPositive()) {
      throw new IllegalArgumentException("maxStreams=" + maxStreams + " keepalive=" + keepalive);
    }
  }

  public YamuxConfig withMaxStreams(int most) {
    return new YamuxConfig(most, keepalive);
  }
}
