package dev.gvmi.libp2p.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides whether one more connection may be, before anything is spent on it.
 *
 * <p><b>Thread:</b> any.
 */
public final class Admission {
  private final HostLimits limits;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Multiaddr, Integer> perIp = new HashMap<>();

  @GuardedBy("lock")
  private int connections;

  @GuardedBy("lock")
  private int pendingInbound;

  public Admission(HostLimits limits) {
    this.limits = limits;
  }

  /**
   * A place for one connection, or empty when a limit is reached.
   *
   * @param address where the peer is; connections of one IP address are those whose first part is the same
   */
  public Optional<Place> admit(Multiaddr address, boolean inbound) {
    Multiaddr remote = address.firstPart();
    lock.lock();
    try {
      int ofIp = perIp.getOrDefault(remote, 0);
      boolean full =
          connections >= limits.connections()
              || (inbound && ofIp >= limits.connectionsPerIp())
              || (inbound && pendingInbound >= limits.pendingInbound());
      if (full) {
        return Optional.empty();
      }
      connections++;
      perIp.put(remote, ofIp + 1);
      if (inbound) {
        pendingInbound++;
      }
      return Optional.of(new Place(remote, inbound));
    } finally {
      lock.unlock();
    }
  }

  /** How many connections there are, those in their handshake included. */
  public int connections() {
    lock.lock();
    try {
      return connections;
    } finally {
      lock.unlock();
    }
  }

  /** One connection's place; given back once. */
  public final class Place implements AutoCloseable {
    private final Multiaddr remote;
    private final AtomicBoolean pending;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Place(Multiaddr remote, boolean inbound) {
      this.remote = remote;
      this.pending = new AtomicBoolean(inbound);
    }

    /** The handshake is done: it no longer counts as pending. */
    public void established() {
      if (pending.compareAndSet(true, false)) {
        lock.lock();
        try {
          pendingInbound--;
        } finally {
          lock.unlock();
        }
      }
    }

    @Override
    public void close() {
      established();
      if (closed.compareAndSet(false, true)) {
        lock.lock();
        try {
          connections--;
          perIp.computeIfPresent(remote, (ip, count) -> count == 1 ? null : count - 1);
        } finally {
          lock.unlock();
        }
      }
    }
  }
}
