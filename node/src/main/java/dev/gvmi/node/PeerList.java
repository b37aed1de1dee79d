package dev.gvmi.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.node.control.NodeService.BanSummary;
import dev.gvmi.node.control.NodeService.PeerSummary;
import dev.gvmi.node.discovery.FoundBy;
import dev.gvmi.node.swarm.Blame;
import dev.gvmi.protocol.image.ImageId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;

/** Who is connected, as it is told to users. <b>Thread:</b> any. */
final class PeerList {
  private static final Duration PING = Duration.ofSeconds(2);
  private static final int MAX_PEERS = 1024;
  private static final int MAX_IMAGES_PER_PEER = 64;

  private final Host host;
  private final Function<PeerId, Optional<FoundBy>> foundBy;
  private final Supplier<List<Blame.Entry>> blame;

  /** By peer id, the least recently used first. */
  @GuardedBy("this")
  private final Map<String, Set<String>> images = BoundedMap.forgettingLeastUsed(MAX_PEERS);

  PeerList(
      Host host, Function<PeerId, Optional<FoundBy>> foundBy, Supplier<List<Blame.Entry>> blame) {
    this.host = host;
    this.foundBy = foundBy;
    this.blame = blame;
  }

  /** An image came from these peers. */
  synchronized void fetched(ImageId image, Collection<String> peers) {
    for (String peer : peers) {
      Set<String> ofPeer = images.computeIfAbsent(peer, p -> new LinkedHashSet<>());
      ofPeer.add(image.hex());
      if (ofPeer.size() > MAX_IMAGES_PER_PEER) {
        ofPeer.remove(ofPeer.iterator().next());
      }
    }
  }

  private synchronized List<String> imagesOf(String peer) {
    return List.copyOf(images.getOrDefault(peer, Set.of()));
  }

  /** Who was found out, connected or not; the latest first. */
  List<BanSummary> bans() {
    return blame.get().stream()
        .map(entry ->
            new BanSummary(
                entry.peer().toString(),
                entry.peer().toShortString(),
                entry.image().hex(),
                entry.offence() == Blame.Offence.WRONG_BYTES,
                switch (entry.offence()) {
                  case WRONG_BYTES -> "sent wrong bytes";
                  case FALSE_MANIFEST -> "vouched for a false manifest";
                },
                entry.at()))
        .toList();
  }

  /** All are pinged at once, so that it takes as long as the slowest, {@link #PING} at most. */
  List<PeerSummary> list() throws InterruptedException {
    List<FutureTask<PeerSummary>> asked =
        host.peers().stream()
            .sorted(Comparator.comparing(peer -> peer.id().toString()))
            .map(peer -> new FutureTask<>(() -> summary(peer)))
            .toList();
    asked.forEach(task -> Thread.ofVirtual().name("peers-ping").start(task));
    List<PeerSummary> all = new ArrayList<>();
    for (FutureTask<PeerSummary> task : asked) {
      try {
        all.add(task.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("asking a peer failed", e);
      }
    }
    return List.copyOf(all);
  }

  private PeerSummary summary(PeerInfo peer) {
    Optional<Duration> roundTrip = roundTrip(peer.id());
    Optional<ConnectionInfo> connection = host.connection(peer.id());
    return new PeerSummary(
        peer.id().toString(),
        peer.id().toShortString(),
        peer.remoteAddress().toString(),
        peer.inbound(),
        peer.agent(),
        peer.protocols().stream().map(ProtocolId::text).sorted().toList(),
        connection.map(ConnectionInfo::security).orElse(null),
        connection.map(ConnectionInfo::muxer).orElse(null),
        connection.map(ConnectionInfo::streams).orElse(null),
        connection.map(ConnectionInfo::receivedBytes).orElse(null),
        connection.map(ConnectionInfo::sentBytes).orElse(null),
        imagesOf(peer.id().toString()),
        connection.map(ConnectionInfo::since).orElse(null),
        roundTrip.map(time -> time.toNanos() / 1000).orElse(null),
        foundBy.apply(peer.id()).map(FoundBy::text).orElse(null));
  }

  private Optional<Duration> roundTrip(PeerId peer) {
    try {
      return Optional.of(Ping.measure(host, peer, PING));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
