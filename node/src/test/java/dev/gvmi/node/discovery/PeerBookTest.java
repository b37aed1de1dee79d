package dev.gvmi.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PeerBookTest {
  private static final Instant START = Instant.ofEpochSecond(1_000_000);

  private final Disk disk = new Disk();

  /** Counts what is written. */
  private static final class Disk implements PeerStore {
    final Map<PeerId, RememberedPeer> peers = new LinkedHashMap<>();
    int writes;

    @Override
    public Collection<RememberedPeer> peers() {
      return new ArrayList<>(peers.values());
    }

    @Override
    public void put(RememberedPeer peer) {
      peers.put(peer.peer(), peer);
      writes++;
    }

    @Override
    public void remove(PeerId peer) {
      peers.remove(peer);
    }
  }

  private static PeerInfo peer(int id, boolean inbound, String remote, String... listen) {
    return new PeerInfo(
        Peers.of(id),
        Multiaddr.parse(remote),
        inbound,
        "agent",
        Arrays.stream(listen).map(Multiaddr::parse).toList(),
        Set.of());
  }

  private static PeerInfo dialled(int id) {
    return peer(id, false, "/ip4/8.8.8.8/tcp/" + (id + 1));
  }

  @Test
  void theAddressThatWorkedIsKeptAndThoseAsFarAway() {
    PeerBook book = new PeerBook(disk, START);
    book.seen(
        peer(1, false, "/ip4/8.8.8.8/tcp/1", "/ip4/192.168.1.1/tcp/1", "/ip4/8.8.4.4/tcp/2"),
        START);
    assertThat(disk.peers.get(Peers.of(1)).addresses())
        .extracting(Multiaddr::toString)
        .containsExactly("/ip4/8.8.8.8/tcp/1", "/ip4/8.8.4.4/tcp/2");
  }

  @Test
  void whereAnInboundConnectionComesFromIsNoAddress() {
    PeerBook book = new PeerBook(disk, START);
    book.seen(peer(1, true, "/ip4/8.8.8.8/tcp/40000"), START);
    assertThat(book.size()).isZero();
    book.seen(peer(2, true, "/ip4/192.168.1.9/tcp/40000", "/ip4/192.168.1.9/tcp/7437"), START);
    assertThat(disk.peers.get(Peers.of(2)).addresses())
        .containsExactly(Multiaddr.parse("/ip4/192.168.1.9/tcp/7437"));
  }

  @Test
  void aPeerThatStaysIsWrittenNowAndThenOnly() {
    PeerBook book = new PeerBook(disk, START);
    for (int second = 0; second < 600; second++) {
      book.seen(dialled(1), START.plusSeconds(second));
    }
    assertThat(disk.writes).isEqualTo(1);
    book.seen(dialled(1), START.plusSeconds(600));
    assertThat(disk.writes).isEqualTo(2);
  }

  @Test
  void thoseSeenLastAreTheBestAndThoseSeenLongestAgoMakeRoom() {
    PeerBook book = new PeerBook(disk, START);
    for (int i = 0; i <= PeerBook.MAX_PEERS; i++) {
      book.seen(dialled(i), START.plusSeconds(i));
    }
    assertThat(book.size()).isEqualTo(PeerBook.MAX_PEERS);
    assertThat(disk.peers).hasSize(PeerBook.MAX_PEERS).doesNotContainKey(Peers.of(0));
    assertThat(book.best(2))
        .extracting(RememberedPeer::peer)
        .containsExactly(Peers.of(PeerBook.MAX_PEERS), Peers.of(PeerBook.MAX_PEERS - 1));
  }

  @Test
  void isReadAgainAndWhoWasNotSeenForAMonthIsForgotten() {
    disk.put(
        new RememberedPeer(Peers.of(1), List.of(Multiaddr.parse("/ip4/8.8.8.8/tcp/1")), START));
    assertThat(new PeerBook(disk, START.plus(Duration.ofDays(29))).best(9)).hasSize(1);
    assertThat(new PeerBook(disk, START.plus(Duration.ofDays(31))).best(9)).isEmpty();
    assertThat(disk.peers).isEmpty();
  }
}
