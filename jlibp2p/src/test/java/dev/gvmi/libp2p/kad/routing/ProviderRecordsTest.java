package dev.gvmi.libp2p.kad.routing;

import static dev.gvmi.libp2p.kad.routing.TestPeers.via;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ProviderRecordsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final Duration TTL = Duration.ofHours(2);
  private static final ProviderLimits LIMITS = new ProviderLimits(50, 6, 4, 20, TTL);

  private final TestPeers peers = new TestPeers(3);
  private final MemoryProviderStore store = new MemoryProviderStore();
  private final ProviderRecords records = new ProviderRecords(LIMITS, store, NOW);
  private final KadId asker = peers.key().id();

  private boolean add(KadKey key, KadPeer peer) {
    return records.add(key, peer, via(peer), NOW);
  }

  private List<KadPeer> of(KadKey key, Instant now) {
    return records.of(key, asker, 100, now);
  }

  @Test
  void returnsWhatWasAdded() {
    KadKey key = peers.key();
    KadPeer peer = peers.peer();
    assertThat(add(key, peer)).isTrue();
    assertThat(of(key, NOW)).containsExactly(peer);
    assertThat(of(peers.key(), NOW)).isEmpty();
  }

  @Test
  void servesNothingExpiredAndForgetsIt() {
    KadKey key = peers.key();
    add(key, peers.peer());
    assertThat(of(key, NOW.plus(TTL).minusMillis(1))).hasSize(1);
    assertThat(of(key, NOW.plus(TTL))).isEmpty();
    records.expire(NOW.plus(TTL));
    assertThat(records.size()).isZero();
    assertThat(records.keys()).isZero();
    assertThat(store.records()).isEmpty();
  }

  @Test
  void renewingExtendsAndCountsOnce() {
    KadKey key = peers.key();
    KadPeer peer = peers.peer();
    add(key, peer);
    records.add(key, peer, via(peer), NOW.plus(TTL).minusSeconds(1));
    assertThat(of(key, NOW.plus(TTL))).containsExactly(peer);
    assertThat(records.size()).isOne();
    assertThat(store.records()).hasSize(1);
  }

  @Test
  void holdsSoManyKeysOfAPeer() {
    KadPeer greedy = peers.peer();
    for (int i = 0; i < LIMITS.perPeer(); i++) {
      assertThat(add(peers.key(), greedy)).isTrue();
    }
    assertThat(add(peers.key(), greedy)).isFalse();
    assertThat(add(peers.key(), peers.peer())).isTrue();
  }

  @Test
  void holdsSoManyOfAGroup() {
    for (int i = 0; i < LIMITS.perGroup(); i++) {
      assertThat(add(peers.key(), peers.at("/ip4/8.8.8.8/tcp/" + (i + 1)))).isTrue();
    }
    assertThat(add(peers.key(), peers.at("/ip4/8.8.8.9/tcp/1"))).isFalse();
    assertThat(add(peers.key(), peers.at("/ip4/8.8.9.9/tcp/1"))).isTrue();
  }

  @Test
  void holdsSoManyInAllUntilTheyExpire() {
    for (int i = 0; i < LIMITS.total(); i++) {
      assertThat(add(peers.key(), peers.peer())).isTrue();
    }
    assertThat(add(peers.key(), peers.peer())).isFalse();
    KadPeer late = peers.peer();
    assertThat(records.add(peers.key(), late, via(late), NOW.plus(TTL))).isTrue();
    assertThat(records.size()).isOne();
  }

  @Test
  void aFullStoreTakesOthersThanTheCrowdThatFilledIt() {
    ProviderLimits few = new ProviderLimits(20, 6, 20, 20, TTL);
    ProviderRecords full = new ProviderRecords(few, store, NOW);
    KadPeer crowd = peers.at("/ip4/8.8.8.8/tcp/1");
    for (int i = 0; i < few.total(); i++) {
      assertThat(full.add(peers.key(), crowd, via(crowd), NOW)).isTrue();
    }
    KadPeer another = peers.at("/ip4/8.8.8.9/tcp/1");
    assertThat(full.add(peers.key(), another, via(another), NOW)).isFalse();
    KadKey key = peers.key();
    KadPeer honest = peers.peer();
    assertThat(full.add(key, honest, via(honest), NOW)).isTrue();
    assertThat(full.of(key, asker, 10, NOW)).containsExactly(honest);
    assertThat(full.size()).isEqualTo(few.total());
    assertThat(store.records()).hasSize(few.total());
  }

  @Test
  void aRenewalFromAFullGroupIsRefusedAndTheRecordStays() {
    KadKey key = peers.key();
    KadPeer moving = peers.peer();
    add(key, moving);
    KadPeer crowd = peers.at("/ip4/8.8.8.8/tcp/1");
    for (int i = 0; i < LIMITS.perGroup(); i++) {
      add(peers.key(), peers.at("/ip4/8.8.8.8/tcp/" + (i + 1)));
    }
    assertThat(records.add(key, moving, via(crowd), NOW.plusSeconds(60))).isFalse();
    assertThat(of(key, NOW)).containsExactly(moving);
    assertThat(of(key, NOW.plus(TTL))).isEmpty();
  }

  @Test
  void aCrowdOfOneGroupGivesWayToOthers() {
    KadKey key = peers.key();
    for (int i = 0; i < LIMITS.perKey(); i++) {
      assertThat(add(key, peers.at("/ip4/8.8.8.8/tcp/" + (i + 1)))).isTrue();
    }
    assertThat(add(key, peers.at("/ip4/8.8.8.7/tcp/1"))).isFalse();
    KadPeer honest = peers.peer();
    assertThat(add(key, honest)).isTrue();
    assertThat(of(key, NOW)).hasSize(LIMITS.perKey()).contains(honest);
    assertThat(store.records()).hasSize(LIMITS.perKey());
  }

  @Test
  void providersOfManyGroupsStay() {
    KadKey key = peers.key();
    List<KadPeer> early = peers.peers(LIMITS.perKey());
    early.forEach(peer -> add(key, peer));
    assertThat(add(key, peers.peer())).isFalse();
    assertThat(of(key, NOW)).containsExactlyInAnyOrderElementsOf(early);
  }

  @Test
  void tellsEachAskerOthers() {
    KadKey key = peers.key();
    peers.peers(LIMITS.perKey()).forEach(peer -> add(key, peer));
    Set<KadPeer> told = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      KadId other = peers.key().id();
      List<KadPeer> one = records.of(key, other, 1, NOW);
      assertThat(records.of(key, other, 1, NOW)).isEqualTo(one);
      told.addAll(one);
    }
    assertThat(told).hasSizeGreaterThan(2);
  }

  @Test
  void areThereAfterARestart() {
    KadKey key = peers.key();
    KadPeer peer = peers.peer();
    add(key, peer);
    KadPeer late = peers.peer();
    records.add(key, late, via(late), NOW.plusSeconds(60));
    ProviderRecords restarted = new ProviderRecords(LIMITS, store, NOW.plus(TTL));
    assertThat(restarted.of(key, asker, 10, NOW.plus(TTL))).containsExactly(late);
    assertThat(store.records()).hasSize(1);
  }

  @Test
  void aRestartWithTighterLimitsKeepsToThem() {
    for (int i = 0; i < 30; i++) {
      add(peers.key(), peers.peer());
    }
    ProviderLimits tighter = new ProviderLimits(10, 6, 4, 20, TTL);
    assertThat(new ProviderRecords(tighter, store, NOW).size()).isEqualTo(10);
    assertThat(store.records()).hasSize(10);
  }
}
