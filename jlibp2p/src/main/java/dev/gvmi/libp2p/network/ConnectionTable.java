package dev.gvmi.libp2p.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Who is connected. Two connections to one peer are legal. <b>Thread:</b> any. */
public final class ConnectionTable {
  private final int perPeer;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<PeerId, List<Connection>> byPeer = new LinkedHashMap<>();

  @GuardedBy("lock")
  private boolean closed;

  public ConnectionTable(int perPeer) {
    this.perPeer = perPeer;
  }

  /** What became of a connection that was added. */
  public enum Added {
    FIRST_OF_PEER,
    ANOTHER,
    REFUSED
  }

  public Added add(Connection connection) {
    lock.lock();
    try {
      List<Connection> there = byPeer.getOrDefault(connection.peer(), List.of());
      if (closed || there.stream().filter(Connection::isOpen).count() >= perPeer) {
        return Added.REFUSED;
      }
      if (!there.isEmpty()) {
        connection.share(there.getFirst().peerStreams());
      }
      byPeer.computeIfAbsent(connection.peer(), p -> new ArrayList<>(1)).add(connection);
      return there.isEmpty() ? Added.FIRST_OF_PEER : Added.ANOTHER;
    } finally {
      lock.unlock();
    }
  }

  /** Removes it; true if the peer has no other. */
  public boolean remove(Connection connection) {
    lock.lock();
    try {
      List<Connection> ofPeer = byPeer.get(connection.peer());
      if (ofPeer == null || !ofPeer.remove(connection)) {
        return false;
      }
      if (ofPeer.isEmpty()) {
        byPeer.remove(connection.peer());
      }
      return ofPeer.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** The oldest open connection to the peer. */
  public Optional<Connection> to(PeerId peer) {
    List<Connection> ofPeer = allTo(peer);
    return ofPeer.isEmpty() ? Optional.empty() : Optional.of(ofPeer.getFirst());
  }

  /** The open ones, the oldest first. One that is being closed is not among them. */
  public List<Connection> allTo(PeerId peer) {
    lock.lock();
    try {
      return byPeer.getOrDefault(peer, List.of()).stream().filter(Connection::isOpen).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The oldest open connection of each peer. */
  public List<Connection> onePerPeer() {
    lock.lock();
    try {
      return byPeer.values().stream()
          .flatMap(ofPeer -> ofPeer.stream().filter(Connection::isOpen).limit(1))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** The one that was not used for longest, and for at least so long; none that has a stream. */
  public Optional<Connection> idlest(boolean inbound, Duration least) {
    long now = System.nanoTime();
    return all().stream()
        .filter(c -> c.isOpen() && c.inbound() == inbound && !c.hasStreams())
        .filter(c -> now - c.lastUsedNanos() >= least.toNanos())
        .max(Comparator.comparingLong(c -> now - c.lastUsedNanos()));
  }

  /** All that are open or being closed. */
  public List<Connection> all() {
    lock.lock();
    try {
      return byPeer.values().stream().flatMap(List::stream).toList();
    } finally {
      lock.unlock();
    }
  }

  /** How many streams there are, of all connections. */
  public int streams() {
    lock.lock();
    try {
      int sum = 0;
      for (List<Connection> ofPeer : byPeer.values()) {
        for (Connection connection : ofPeer) {
          sum += connection.streams().streamCount();
        }
      }
      return sum;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses all from now on; returns those there are. */
  public List<Connection> close() {
    lock.lock();
    try {
      closed = true;
      return all();
    } finally {
      lock.unlock();
    }
  }
}
