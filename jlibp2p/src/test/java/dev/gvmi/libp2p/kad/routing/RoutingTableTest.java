package dev.gvmi.libp2p.kad.routing;

import static dev.gvmi.libp2p.kad.routing.TestPeers.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.kad.routing.RoutingTable.Offer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RoutingTableTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final int K = 20;

  private final TestPeers peers = new TestPeers(7);
  private final KadPeer self = peers.peer();
  private final RoutingTable table = new RoutingTable(self.point(), TableLimits.DEFAULT);

  private Offer offer(KadPeer peer) {
    return table.offer(peer, via(peer), NOW);
  }

  private List<KadPeer> fill(int bucket) {
    List<KadPeer> all = new ArrayList<>();
    for (int i = 0; i < K; i++) {
      KadPeer peer = peers.peer(self.point(), bucket);
      assertThat(offer(peer)).isEqualTo(Offer.ADDED);
      all.add(peer);
    }
    return all;
  }

  @Test
  void findsTheClosestAsSortingAllWould() {
    List<KadPeer> added = peers.peers(600).stream().filter(p -> offer(p) == Offer.ADDED).toList();
    assertThat(table.size()).isEqualTo(added.size()).isGreaterThan(100);
    for (int i = 0; i < 50; i++) {
      KadId target = peers.key().id();
      assertThat(table.closest(target, K, peer -> true))
          .isEqualTo(
              added.stream()
                  .sorted((l, r) -> target.compareDistance(l.point(), r.point()))
                  .limit(K)
                  .toList());
    }
    assertThat(table.closest(self.point(), K, peer -> true)).hasSize(K);
    assertThat(table.closest(self.point(), 1000, peer -> true)).hasSize(added.size());
  }

  @Test
  void neverHoldsItself() {
    assertThat(offer(self)).isEqualTo(Offer.REFUSED);
    assertThat(table.wants(self, via(self))).isFalse();
  }

  @Test
  void refusesAPeerWithoutAddress() {
    KadPeer nowhere = peers.at();
    assertThat(table.offer(nowhere, via(self), NOW)).isEqualTo(Offer.REFUSED);
  }

  @Test
  void theLivingAreNotReplaced() {
    List<KadPeer> old = fill(0);
    KadPeer late = peers.peer(self.point(), 0);
    assertThat(table.wants(late, via(late))).isFalse();
    assertThat(offer(late)).isEqualTo(Offer.FULL);
    assertThat(table.peers()).containsExactlyInAnyOrderElementsOf(old);
  }

  @Test
  void oneThatFailedGivesWayAtOnce() {
    List<KadPeer> old = fill(0);
    KadPeer dead = old.get(3);
    assertThat(table.failed(dead.id())).isFalse();
    assertThat(table.closest(self.point(), 50, p -> true)).hasSize(K - 1).doesNotContain(dead);
    KadPeer late = peers.peer(self.point(), 0);
    assertThat(table.wants(late, via(late))).isTrue();
    assertThat(offer(late)).isEqualTo(Offer.ADDED);
    assertThat(table.find(dead.id())).isEmpty();
    assertThat(table.find(late.id())).contains(late);
  }

  @Test
  void oneThatFailsTwiceIsDropped() {
    KadPeer peer = peers.peer();
    offer(peer);
    assertThat(table.failed(peer.id())).isFalse();
    assertThat(table.failed(peer.id())).isTrue();
    assertThat(table.size()).isZero();
    assertThat(table.failed(peer.id())).isFalse();
  }

  @Test
  void oneThatAnswersAgainIsGood() {
    KadPeer peer = peers.peer();
    offer(peer);
    table.failed(peer.id());
    table.seen(peer.id(), NOW);
    assertThat(table.failed(peer.id())).isFalse();
    assertThat(offer(peer)).isEqualTo(Offer.KNOWN);
    assertThat(table.closest(peer.point(), 1, p -> true)).containsExactly(peer);
  }

  private KadPeer inGroup(int host) {
    return peers.at("/ip4/8.8.8." + host + "/tcp/4001");
  }

  private Map<IpGroup, Long> groups() {
    return table
        .peers()
        .flatMap(peer -> peer.groups().stream())
        .collect(Collectors.groupingBy(group -> group, Collectors.counting()));
  }

  @Test
  void holdsTwoOfAGroup() {
    peers.peers(K).forEach(this::offer);
    assertThat(offer(inGroup(1))).isEqualTo(Offer.ADDED);
    assertThat(offer(inGroup(2))).isEqualTo(Offer.ADDED);
    KadPeer third = inGroup(3);
    assertThat(table.wants(third, via(third))).isFalse();
    assertThat(offer(third)).isEqualTo(Offer.REFUSED);
    assertThat(groups().values()).allMatch(count -> count <= 2);
  }

  @Test
  void aGroupIsThatOfTheConnectionNotOfTheClaim() {
    peers.peers(K).forEach(this::offer);
    for (int i = 0; i < 5; i++) {
      KadPeer liar = inGroup(i);
      table.offer(liar, via(peers.peer()), NOW);
    }
    assertThat(offer(inGroup(77))).isEqualTo(Offer.ADDED);
  }

  @Test
  void aSmallNetworkInOneRackWorksUntilOthersCome() {
    for (int i = 1; i <= 12; i++) {
      assertThat(offer(inGroup(i))).isEqualTo(Offer.ADDED);
    }
    assertThat(table.size()).isEqualTo(12);
    peers.peers(40).forEach(this::offer);
    assertThat(table.size()).isGreaterThanOrEqualTo(K);
    assertThat(groups().values()).allMatch(count -> count <= 2);
  }

  @Test
  void manyOfALanAreNoGroup() {
    for (int i = 1; i <= 60; i++) {
      offer(peers.at("/ip4/192.168.1." + i + "/tcp/4001"));
    }
    assertThat(table.size()).isGreaterThan(30);
  }

  @Test
  void tellsWhichBucketsToRefresh() {
    for (int i = 0; i < K; i++) {
      offer(peers.peer(self.point(), 3 + i % 5));
    }
    assertThat(table.stale(NOW, 15)).containsExactly(3, 2, 1, 0);
    table.refreshed(3, NOW);
    table.refreshed(1, NOW);
    assertThat(table.stale(NOW, 15)).containsExactly(2, 0);
    assertThat(table.stale(NOW, 1)).containsExactly(0);
    assertThat(table.stale(NOW.plus(Duration.ofMinutes(10)), 15)).containsExactly(3, 2, 1, 0);
  }

  @Test
  void theNearestAreFoundByTheOwnId() {
    assertThat(table.isStale(NOW)).isTrue();
    table.refreshed(NOW);
    assertThat(table.isStale(NOW)).isFalse();
    assertThat(table.isStale(NOW.plus(Duration.ofMinutes(10)))).isTrue();
    fill(0).forEach(peer -> table.refreshed(0, NOW));
    assertThat(table.stale(NOW, 15)).isEmpty();
  }

  @Test
  void tellsOfWhomNothingWasHeard() {
    KadPeer quiet = peers.peer();
    KadPeer fresh = peers.peer();
    KadPeer failed = peers.peer();
    Instant later = NOW.plus(Duration.ofMinutes(11));
    offer(quiet);
    table.offer(fresh, via(fresh), later);
    table.offer(failed, via(failed), later);
    table.failed(failed.id());
    assertThat(table.unsure(later, 10)).containsExactly(quiet, failed);
    assertThat(table.unsure(later, 1)).containsExactly(quiet);
  }
}
