package dev.gvmi.node.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.mdns.Mdns;
import dev.gvmi.libp2p.mdns.MdnsListener;
import dev.gvmi.libp2p.mdns.link.MdnsConfig;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.node.log.NodeLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to the peers of the local network as they are found: a few at a time, and to none again
 * soon.
 *
 * <p><b>Thread:</b> any.
 */
final class LanPeers implements MdnsListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LanPeers.class);
  private static final int DIALS = 8;
  private static final int REMEMBERED = 1024;
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final Duration AGAIN = Duration.ofMinutes(1);

  /**
   * Two peers find each other at the same time: the one with the greater id lets the other dial
   * first.
   */
  private static final Duration COURTESY = Duration.ofMillis(500);

  private final Host host;
  private final Contacts contacts;
  private final InstantSource clock;
  private final Semaphore dials = new Semaphore(DIALS);

  /** When each was tried, the longest ago first. */
  @GuardedBy("this")
  private final Map<PeerId, Instant> tried = BoundedMap.forgettingOldest(REMEMBERED);

  private volatile @Nullable Mdns mdns;

  LanPeers(Host host, Contacts contacts, InstantSource clock) {
    this.host = host;
    this.contacts = contacts;
    this.clock = clock;
  }

  /**
   * Looks for peers from now on, unless the host listens at addresses of this machine alone; says
   * so if it cannot look.
   */
  static LanPeers start(Host host, Contacts contacts) {
    long started = System.nanoTime();
    InstantSource steady = () -> Instant.EPOCH.plusNanos(System.nanoTime() - started);
    LanPeers peers = new LanPeers(host, contacts, steady);
    List<Multiaddr> listening = host.listenAddresses();
    if (listening.isEmpty() || listening.stream().anyMatch(LanPeers::isReachable)) {
      peers.look(steady);
    }
    return peers;
  }

  private static boolean isReachable(Multiaddr address) {
    return AddressScope.PRIVATE.reaches(address);
  }

  private void look(InstantSource steady) {
    try {
      Mdns running =
          Mdns.start(
              host.id(),
              host::listenAddresses,
              MdnsConfig.DEFAULT,
              this,
              steady,
              RandomGenerator.of("L64X128MixRandom"));
      mdns = running;
      if (running.status().links() == 0) {
        NodeLog.noLocalNetwork(running.status().problem());
      }
    } catch (IOException e) {
      NodeLog.noLocalNetwork(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void found(PeerId peer, List<Multiaddr> addresses) {
    List<Multiaddr> reachable = addresses.stream().filter(LanPeers::isReachable).toList();
    if (reachable.isEmpty() || host.peer(peer).isPresent() || !isDue(peer)) {
      return;
    }
    if (!dials.tryAcquire()) {
      forget(peer);
      return;
    }
    Thread.ofVirtual().name("lan-dial").start(() -> dial(peer, reachable));
  }

  private synchronized boolean isDue(PeerId peer) {
    Instant now = clock.instant();
    Instant last = tried.get(peer);
    if (last != null && last.plus(AGAIN).isAfter(now)) {
      return false;
    }
    tried.remove(peer);
    tried.put(peer, now);
    return true;
  }

  private synchronized void forget(PeerId peer) {
    tried.remove(peer);
  }

  private void dial(PeerId peer, List<Multiaddr> addresses) {
    try {
      if (host.id().compareTo(peer) > 0) {
        TimeUnit.NANOSECONDS.sleep(COURTESY.toNanos());
      }
      if (host.peer(peer).isEmpty()) {
        contacts.note(peer, FoundBy.LAN);
        host.connect(peer, addresses, DIAL);
      }
    } catch (IOException e) {
      LOG.debug("local network: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      dials.release();
    }
  }

  /** Finds nobody any more. What is being dialled ends with the host. */
  @Override
  public void close() {
    Mdns running = mdns;
    if (running != null) {
      running.close();
    }
  }
}
