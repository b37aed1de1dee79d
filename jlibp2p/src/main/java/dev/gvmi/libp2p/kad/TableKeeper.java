package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.kad.KadClient.Reached;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.RoutingTable;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routing table true: takes in peers that say that they are servers and answer, and lets
 * go of those that do not any more.
 *
 * <p><b>Thread:</b> any.
 */
final class TableKeeper implements ConnectionListener {
  private static final Logger LOG = LoggerFactory.getLogger(TableKeeper.class);
  private static final int CHECKS = 16;
  private static final int UNSURE_PER_ROUND = 8;
  private static final Duration CHECK = Duration.ofSeconds(10);

  /** While nobody at all answers, it is our network that is dead. */
  private static final Duration ALONE = Duration.ofMinutes(1);

  private static final int LOST_AFTER = 3;

  private final Host host;
  private final KadConfig config;
  private final LockedNode node;
  private final KadClient client;
  private final InstantSource clock;
  private final Runnable joined;
  private final Semaphore checks = new Semaphore(CHECKS);

  /** Who is asked now, once at a time. */
  private final Set<PeerId> checking = ConcurrentHashMap.newKeySet();

  private volatile boolean stopped;

  /** Written by whoever hears an answer. */
  private volatile Instant lastAnswer;

  /** Requests without an answer since the last one with. */
  private final AtomicInteger failures = new AtomicInteger();

  /** {@code joined} is told when the table is not empty any more. */
  TableKeeper(
      Host host,
      KadConfig config,
      LockedNode node,
      KadClient client,
      InstantSource clock,
      Runnable joined) {
    this.host = host;
    this.config = config;
    this.node = node;
    this.client = client;
    this.clock = clock;
    this.joined = joined;
    this.lastAnswer = clock.instant();
  }

  @Override
  public void connected(PeerInfo peer) {
    identified(peer);
  }

  @Override
  public void identified(PeerInfo peer) {
    if (stopped) {
      return;
    }
    // Of one whose identify has failed nothing is known: asking it tells.
    if (!peer.protocols().isEmpty() && !peer.protocols().contains(config.protocol())) {
      node.change(n -> n.table().remove(peer.id()));
      return;
    }
    KadPeer candidate = candidate(peer);
    if (isLost() || node.get(n -> n.table().wants(candidate, peer.remoteAddress()))) {
      checkInBackground(candidate);
    }
  }

  @Override
  public void disconnected(PeerInfo peer) {}

  void stop() {
    stopped = true;
  }

  /** Peers that were connected before we were here. */
  void takeIn() {
    host.peers().forEach(this::identified);
  }

  /**
   * With the address that we dialled, which works, and those it lists that others like us could
   * dial.
   */
  private KadPeer candidate(PeerInfo peer) {
    List<Multiaddr> addresses = new ArrayList<>();
    if (!peer.inbound()) {
      addresses.add(peer.remoteAddress());
    }
    addresses.addAll(peer.listenAddresses());
    AddressScope scope =
        AddressScope.farther(
            config.lookup().nearest(),
            AddressScope.of(peer.remoteAddress()).orElse(AddressScope.PUBLIC));
    return KadPeer.of(peer.id(), addresses).reachableFrom(scope);
  }

  private void checkInBackground(KadPeer candidate) {
    if (!checking.add(candidate.id())) {
      return;
    }
    if (!checks.tryAcquire()) {
      checking.remove(candidate.id());
      return;
    }
    Thread.ofVirtual()
        .name("kad-check")
        .start(() -> {
          try {
            check(candidate);
          } finally {
            checking.remove(candidate.id());
            checks.release();
          }
        });
  }

  private void check(KadPeer candidate) {
    try {
      KadRequest request = new KadRequest.FindNode(KadKey.of(host.id()));
      Reached reached = client.ask(candidate, request, CHECK);
      answered(candidate.id(), reached.via());
    } catch (KadClient.BusyException e) {
      LOG.debug("{} is not asked: {}", candidate.id().toShortString(), e.toString());
    } catch (IOException e) {
      LOG.debug("{} is no node: {}", candidate.id().toShortString(), e.toString());
      failed(candidate.id());
    }
  }

  /**
   * What a peer says of itself counts, not what others told of it; the address that it was reached
   * at counts in any case.
   */
  void answered(PeerId peer, Multiaddr via) {
    lastAnswer = clock.instant();
    failures.set(0);
    KadPeer itself =
        host.peer(peer).map(this::candidate).orElseGet(() -> KadPeer.of(peer, List.of(via)));
    boolean first =
        node.get(n ->
            n.table().offer(itself, via, clock.instant()) == RoutingTable.Offer.ADDED
                && n.table().size() == 1);
    if (first) {
      joined.run();
    }
  }

  private boolean isQuiet() {
    return !clock.instant().isBefore(lastAnswer.plus(ALONE));
  }

  /** Nobody has answered for long, though some were asked. */
  boolean isLost() {
    return isQuiet() && failures.get() >= LOST_AFTER;
  }

  void failed(PeerId peer) {
    failures.incrementAndGet();
    if (!isQuiet()) {
      node.change(n -> n.table().failed(peer));
    }
  }

  /** Asks those of which nothing was heard for long. */
  void checkUnsure() {
    node.get(n -> n.table().unsure(clock.instant(), UNSURE_PER_ROUND))
        .forEach(this::checkInBackground);
  }
}
