package dev.gvmi.libp2p.kad;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many requests peers have left: a token bucket for each, and one for all together.
 * <b>Thread:</b> any.
 */
final class RequestRates {
  private static final int MAX_PEERS = 4096;
  private static final int ALL = 10;
  private static final double NANOS_PER_SECOND = 1e9;

  private final int perSecond;
  private final int burst;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<PeerId, Tokens> perPeer =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Tokens> eldest) {
          return size() > MAX_PEERS;
        }
      };

  @GuardedBy("lock")
  private final Tokens all;

  RequestRates(int perSecond, int burst) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.all = new Tokens(perSecond * ALL, burst * ALL);
  }

  /** Takes one of the peer's requests; false if it has none left. */
  boolean allow(PeerId peer, Instant now) {
    lock.lock();
    try {
      return perPeer.computeIfAbsent(peer, p -> new Tokens(perSecond, burst)).take(now)
          && all.take(now);
    } finally {
      lock.unlock();
    }
  }

  private static final class Tokens {
    private final int perSecond;
    private final int most;
    private double left;
    private Instant at = Instant.MIN;

    private Tokens(int perSecond, int most) {
      this.perSecond = perSecond;
      this.most = most;
      this.left = most;
    }

    private boolean take(Instant now) {
      if (at.isAfter(Instant.MIN) && now.isAfter(at)) {
        double nanos = TimeUnit.NANOSECONDS.convert(Duration.between(at, now));
        left = Math.min(most, left + nanos * perSecond / NANOS_PER_SECOND);
      }
      at = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }
}
