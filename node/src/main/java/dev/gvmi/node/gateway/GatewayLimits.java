package dev.gvmi.node.gateway;

import java.time.Duration;

/**
 * What the gateway takes on.
 *
 * @param connections at one time; more are closed at once
 * @param lineBytes of a request's first line
 * @param headerBytes of all headers of a request
 * @param fetches that it has running at one time
 * @param fetchesPerMinute that it begins in a minute
 * @param remembered images whose bytes were sent before they were proven
 * @param requestWithin how long a connection may take to say what it wants
 * @param headersWithin how long an answer may take to begin; the exe-unit waits for 5 s
 * @param stalledAfter how long a reader may take nothing of what is there for it
 * @param leastBytesPerSecond that a client has to send of a body, on the average
 * @param lingerFor how long a client is listened to that is refused before it has said all
 */
record GatewayLimits(
    int connections,
    int lineBytes,
    int headerBytes,
    int fetches,
    int fetchesPerMinute,
    int remembered,
    Duration requestWithin,
    Duration headersWithin,
    Duration stalledAfter,
    int leastBytesPerSecond,
    Duration lingerFor) {
  static final GatewayLimits DEFAULT =
      new GatewayLimits(
          256,
          8192,
          16_384,
          16,
          60,
          4096,
          Duration.ofSeconds(30),
          Duration.ofSeconds(4),
          Duration.ofSeconds(60),
          4096,
          Duration.ofSeconds(5));

  GatewayLimits {
    if (leastBytesPerSecond < 1
        || connections < 1
        || fetches < 1
        || fetchesPerMinute < 1
        || remembered < 1) {
      throw new IllegalArgumentException("limits of nothing at all");
    }
  }
}
