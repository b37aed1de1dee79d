package dev.gvmi.libp2p.address;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which addresses are left alone for a while, because dialling them failed: 5 s, and n² s more
 * after n failures before, 5 min at most. After as long without a further one the count begins
 * anew. <b>Thread:</b> confined to its owner.
 *
 * <p><b>Source:</b> go-libp2p's dial back-off.
 */
public final class DialBackOff {
  /** The longest untouched is forgotten first: the cost is a dial that fails again. */
  public static final int MAX_ADDRESSES = 1024;

  static final Duration BASE = Duration.ofSeconds(5);
  static final Duration MOST = Duration.ofMinutes(5);

  private final Map<Multiaddr, Failures> failures = new LinkedHashMap<>(16, 0.75f, true);

  private record Failures(int count, Instant until) {}

  /**
   * Dialling an address failed. It ends in {@code /p2p}, so that a wrong peer there does not hide
   * the right one.
   */
  public void failed(Multiaddr address, Instant now) {
    Failures before = failures.get(address);
    int count = before == null || !now.isBefore(before.until().plus(MOST)) ? 0 : before.count();
    failures.put(address, new Failures(count + 1, now.plus(pause(count))));
    if (failures.size() > MAX_ADDRESSES) {
      failures.remove(failures.keySet().iterator().next());
    }
  }

  private static Duration pause(int failuresBefore) {
    long square = (long) failuresBefore * failuresBefore;
    Duration pause = BASE.plusSeconds(Math.min(square, MOST.toSeconds()));
    return pause.compareTo(MOST) > 0 ? MOST : pause;
  }

  public void succeeded(Multiaddr address) {
    failures.remove(address);
  }

  public boolean isBackedOff(Multiaddr address, Instant now) {
    Failures known = failures.get(address);
    return known != null && now.isBefore(known.until());
  }

  public int size() {
    return failures.size();
  }
}
