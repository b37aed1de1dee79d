package dev.gvmi.node.fetch;

import java.time.Duration;
import java.util.Optional;

/**
 * When a fetch that does not get on is given up. With another manifest to try it is given up soon,
 * for what is claimed under this one may never come. Pure: times are nanoseconds of any one clock.
 */
final class Patience {
  /** Without any holder. */
  static final Duration ALONE = Duration.ofSeconds(5);

  /** Without any holder, when others hold the image under another manifest. */
  static final Duration ALONE_BESIDE_OTHERS = Duration.ofSeconds(2);

  /** With holders, when no chunk comes and others hold the image under another manifest. */
  static final Duration STUCK_BESIDE_OTHERS = Duration.ofSeconds(10);

  /** With holders of which none has what is missing. */
  static final Duration IDLE = Duration.ofSeconds(60);

  private long lastChunk;
  private long lastHolder;
  private long lastBusy;

  Patience(long now) {
    this.lastChunk = now;
    this.lastHolder = now;
    this.lastBusy = now;
  }

  /** A chunk was stored. */
  void chunk(long now) {
    lastChunk = now;
  }

  /**
   * Looks at the fetch now; why it is given up, or empty.
   *
   * @param holders how many deliver, or could
   * @param busy chunks are asked for and not here yet
   * @param others whether the image is held under another manifest, too
   */
  Optional<String> spent(long now, int holders, boolean busy, boolean others) {
    lastHolder = holders > 0 ? now : lastHolder;
    lastBusy = busy ? now : lastBusy;
    if (isLonger(now - lastHolder, others ? ALONE_BESIDE_OTHERS : ALONE)) {
      return Optional.of("all holders left");
    }
    if (others && isLonger(now - lastChunk, STUCK_BESIDE_OTHERS)) {
      return Optional.of("no chunk came for " + STUCK_BESIDE_OTHERS.toSeconds() + " s");
    }
    if (isLonger(now - Math.max(lastBusy, lastChunk), IDLE)) {
      return Optional.of("no holder has what is missing");
    }
    return Optional.empty();
  }

  private static boolean isLonger(long nanos, Duration limit) {
    return nanos > limit.toNanos();
  }
}
