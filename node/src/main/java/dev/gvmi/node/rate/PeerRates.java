package dev.gvmi.node.rate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.bound.BoundedMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Rates in one direction: one of all peers together, and one of each. Without a limit they cost a
 * look at two fields.
 *
 * <p><b>Thread:</b> any; {@link #pass} waits, {@link #tryPassEach} does not.
 */
public final class PeerRates {
  /**
   * The gate of who has not been here for longest is forgotten: what it owes is a piece at most.
   */
  static final int MAX_PEERS = 1024;

  private final LongSupplier nanoTime;
  private final RateGate all;

  @GuardedBy("gates")
  private final Map<Object, RateGate> gates = BoundedMap.forgettingLeastUsed(MAX_PEERS);

  private volatile RateLimit each = RateLimit.NONE;

  /**
   * Without limits.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public PeerRates(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.all = new RateGate(nanoTime);
  }

  /** That of all peers together. */
  public RateGate all() {
    return all;
  }

  public RateLimit each() {
    return each;
  }

  /** Changes the limit of each peer, for those who wait now, too. */
  public void limitEach(RateLimit limit) {
    synchronized (gates) {
      each = limit;
      gates.values().forEach(gate -> gate.limit(limit));
      if (limit.isNone()) {
        gates.clear();
      }
    }
  }

  private RateGate gate(Object peer) {
    synchronized (gates) {
      return gates.computeIfAbsent(
          peer,
          id -> {
            RateGate gate = new RateGate(nanoTime);
            gate.limit(each);
            return gate;
          });
    }
  }

  public boolean isLimited() {
    return all.isLimited() || !each.isNone();
  }

  /** Waits until the peer's own rate allows it, and then until it is its turn among all. */
  public void pass(Object peer, int bytes) throws InterruptedException {
    if (!each.isNone()) {
      gate(peer).pass(peer, bytes);
    }
    all.pass(peer, bytes);
  }

  /** Lets so many bytes pass now if the peer's own rate allows it; the rate of all is not asked. */
  public boolean tryPassEach(Object peer, int bytes) {
    return each.isNone() || gate(peer).tryPass(bytes);
  }

  /** How large pieces should be, so that several pass in a second. */
  public int pieceBytes() {
    return Math.min(all.pieceBytes(), RateGate.pieceBytes(each));
  }
}
