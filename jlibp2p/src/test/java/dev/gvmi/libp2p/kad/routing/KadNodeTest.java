package dev.gvmi.libp2p.kad.routing;

import static dev.gvmi.libp2p.kad.routing.TestPeers.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.kad.routing.KadNode.Reply;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KadNodeTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

  private final TestPeers peers = new TestPeers(11);
  private final KadPeer self = peers.peer();
  private final KadPeer asker = peers.peer();
  private final MemoryProviderStore store = new MemoryProviderStore();
  private final KadNode node =
      new KadNode(
          self.id(),
          TableLimits.DEFAULT,
          new ProviderRecords(ProviderLimits.DEFAULT, store, NOW),
          new ProvideSchedule(self.point(), Duration.ofHours(1), Duration.ofMinutes(1), store),
          self::addresses);

  private Reply reply(KadRequest request) {
    return node.answer(request, asker.id(), via(asker), NOW);
  }

  private KadAnswer answer(KadRequest request) {
    return ((Reply.Answer) reply(request)).answer();
  }

  private void know(KadPeer peer) {
    node.table().offer(peer, via(peer), NOW);
  }

  @Test
  void tellsTheKClosestButNotTheAsker() {
    peers.peers(100).forEach(this::know);
    know(asker);
    KadAnswer answer = answer(new KadRequest.FindNode(KadKey.of(asker.id())));
    assertThat(answer.closer()).hasSize(20).doesNotContain(asker, self);
    assertThat(answer.providers()).isEmpty();
  }

  @Test
  void tellsThePeerThatIsAskedForFirst() {
    peers.peers(30).forEach(this::know);
    KadPeer wanted = node.table().peers().findAny().orElseThrow();
    assertThat(answer(new KadRequest.FindNode(KadKey.of(wanted.id()))).closer().getFirst())
        .isEqualTo(wanted);
  }

  @Test
  void answersPingsAndAsANodeWithoutValues() {
    peers.peers(30).forEach(this::know);
    assertThat(answer(new KadRequest.Ping())).isEqualTo(KadAnswer.EMPTY);
    assertThat(answer(new KadRequest.GetValue(peers.key())).closer()).hasSize(20);
    assertThat(reply(new KadRequest.PutValue())).isInstanceOf(Reply.Refusal.class);
  }

  @Test
  void tellsPublicAskersOfPublicAddressesOnly() {
    know(peers.at("/ip4/192.168.1.1/tcp/1", "/ip4/8.8.8.8/tcp/1"));
    know(peers.at("/ip4/192.168.1.2/tcp/1"));
    List<KadPeer> told = answer(new KadRequest.FindNode(peers.key())).closer();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().addresses()).containsExactly(Multiaddr.parse("/ip4/8.8.8.8/tcp/1"));
    Multiaddr lan = Multiaddr.parse("/ip4/192.168.1.3/tcp/9");
    Reply near = node.answer(new KadRequest.FindNode(peers.key()), asker.id(), lan, NOW);
    assertThat(((Reply.Answer) near).answer().closer()).hasSize(2);
  }

  @Test
  void tellsNoMoreThanSomeAddresses() {
    String[] many =
        java.util.stream.IntStream.rangeClosed(1, 12)
            .mapToObj(port -> "/ip4/8.8.8.8/tcp/" + port)
            .toArray(String[]::new);
    know(peers.at(many));
    assertThat(answer(new KadRequest.FindNode(peers.key())).closer().getFirst().addresses())
        .hasSize(KadNode.MAX_ADDRESSES_TOLD);
  }

  private Reply add(KadKey key, KadPeer provider) {
    return reply(new KadRequest.AddProvider(key, List.of(provider)));
  }

  @Test
  void keepsWhatAProviderSaysOfItself() {
    KadKey key = peers.key();
    assertThat(add(key, asker)).isEqualTo(new Reply.Silence());
    KadPeer other = peers.peer();
    Reply told = node.answer(new KadRequest.GetProviders(key), other.id(), via(other), NOW);
    assertThat(((Reply.Answer) told).answer().providers()).containsExactly(asker);
    assertThat(answer(new KadRequest.GetProviders(key)).providers()).isEmpty();
  }

  @Test
  void refusesWhatOneSaysOfAnother() {
    KadKey key = peers.key();
    assertThat(add(key, peers.peer())).isInstanceOf(Reply.Refusal.class);
    assertThat(reply(new KadRequest.AddProvider(key, List.of()))).isInstanceOf(Reply.Refusal.class);
    assertThat(node.records().size()).isZero();
  }

  @Test
  void refusesAProviderThatNobodyCanReach() {
    KadPeer hidden = KadPeer.of(asker.id(), peers.at("/ip4/10.0.0.1/tcp/1").addresses());
    assertThat(add(peers.key(), hidden)).isInstanceOf(Reply.Refusal.class);
    assertThat(add(peers.key(), KadPeer.of(asker.id(), List.of())))
        .isInstanceOf(Reply.Refusal.class);
  }

  @Test
  void isAProviderOfItsOwnKeys() {
    KadKey key = peers.key();
    node.provided().add(key, NOW);
    assertThat(answer(new KadRequest.GetProviders(key)).providers()).containsExactly(self);
  }
}
