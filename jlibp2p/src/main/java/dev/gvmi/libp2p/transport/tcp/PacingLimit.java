package dev.gvmi.libp2p.transport.tcp;

/**
 * How fast a socket may send at the most: half as fast again as the line has shown to be, once its
 * rate grows no more.
 *
 * <p>BBR looks for the rate of a line at almost three times that rate, and stops when it is found;
 * but not while what is sent is bounded by the socket's buffer, as on a line that holds about as
 * much. It goes on for ever then, and after each pause the queue in front of the line drops a part.
 *
 * <p>Pure. <b>Units:</b> bytes per second, nanoseconds. Not thread-safe. <b>Source:</b>
 * draft-cardwell-iccrg-bbr-congestion-control, 4.3.2; Linux, tcp_bbr.c.
 */
final class PacingLimit {
  static final int NONE = Integer.MAX_VALUE;

  /** Of slower lines a socket's buffer holds more than is under way. */
  private static final double LEAST_RATE = 4e6;

  private static final double GROWS = 1.25;
  private static final double ROOM = 1.5;

  private double best;
  private long acknowledged;
  private long at;
  private int limit = NONE;

  PacingLimit(long now) {
    this.at = now;
  }

  /** The limit from now on, when so many bytes have been acknowledged in all. */
  int look(long acknowledgedInAll, long now) {
    double rate = (acknowledgedInAll - acknowledged) * 1e9 / Math.max(1, now - at);
    acknowledged = acknowledgedInAll;
    at = now;
    if (rate < LEAST_RATE || rate < best / 2) {
      return limit; // it had less to send, or the line is slow
    }
    limit = rate > best * GROWS ? NONE : (int) Math.min(NONE, Math.max(best, rate) * ROOM);
    best = Math.max(best, rate);
    return limit;
  }
}
