package dev.gvmi.node.origin;

import dev.gvmi.protocol.manifest.Geometry;
import java.time.Duration;

/**
 * What an HTTP server may take of this node.
 *
 * @param connectionsPerOrigin at one time, to one scheme, host and port
 * @param connections at one time in all
 * @param redirects that are followed, one after the other
 * @param bodyBytes that are read of an image
 * @param answerBytes that are read of an answer of the registry
 * @param connect so long a connection may take to be made
 * @param head so long an answer may take to begin, the connection included
 * @param idle so long nothing may come
 */
public record OriginLimits(
    int connectionsPerOrigin,
    int connections,
    int redirects,
    long bodyBytes,
    int answerBytes,
    Duration connect,
    Duration head,
    Duration idle) {
  public static final OriginLimits DEFAULT =
      new OriginLimits(
          4,
          32,
          10,
          Geometry.MAX_SIZE_BYTES,
          64 << 10,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  /** Lines of an answer's head, and bytes of one. */
  static final int HEAD_LINES = 200;

  static final int HEAD_LINE_BYTES = 16 << 10;

  public OriginLimits {
    if (connectionsPerOrigin < 1 || connections < connectionsPerOrigin || redirects < 0) {
      throw new IllegalArgumentException("limits contradict each other");
    }
  }

  /** The same, for shorter images. */
  public OriginLimits withBodyBytes(long bytes) {
    return new OriginLimits(
        connectionsPerOrigin, connections, redirects, bytes, answerBytes, connect, head, idle);
  }

  /** The same, with less patience. */
  public OriginLimits withPatience(Duration head, Duration idle) {
    return new OriginLimits(
        connectionsPerOrigin, connections, redirects, bodyBytes, answerBytes, connect, head, idle);
  }
}
