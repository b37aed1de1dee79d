package dev.gvmi.libp2p.mdns.link;

import java.time.Duration;
import java.time.Instant;

/** So many a second, and four times as many at once. <b>Thread:</b> its owner's. */
public final class Tokens {
  private static final int BURST_SECONDS = 4;

  private final Duration each;
  private final Duration burst;

  /** All tokens that were taken are given back by then. */
  private Instant full;

  public Tokens(int perSecond, Instant now) {
    this.each = Duration.ofSeconds(1).dividedBy(perSecond);
    this.burst = Duration.ofSeconds(BURST_SECONDS);
    this.full = now;
  }

  /** When there is one: now, or later. */
  public Instant next() {
    return full.plus(each).minus(burst);
  }

  /** False if there is none. */
  public boolean take(Instant now) {
    if (next().isAfter(now)) {
      return false;
    }
    full = (full.isBefore(now) ? now : full).plus(each);
    return true;
  }
}
