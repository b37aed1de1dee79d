package dev.gvmi.libp2p.kad.routing;

import static dev.gvmi.libp2p.kad.routing.TestPeers.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class KadLookupTest {
  private static final LookupConfig CONFIG = LookupConfig.DEFAULT;
  private static final LookupGoal CLOSEST = new LookupGoal.Closest();

  private final TestPeers peers = new TestPeers(17);
  private final PeerId self = peers.id();
  private final KadKey key = peers.key();
  private Instant now = Instant.ofEpochSecond(1_000_000);

  private final List<KadPeer> asked = new ArrayList<>();
  private final List<KadPeer> delivered = new ArrayList<>();
  private final List<List<KadPeer>> done = new ArrayList<>();
  private final Queue<KadPeer> open = new ArrayDeque<>();

  private KadLookup lookup(LookupGoal goal) {
    return new KadLookup(key, self, goal, CONFIG);
  }

  private void take(List<LookupAction> actions) {
    for (LookupAction action : actions) {
      switch (action) {
        case LookupAction.Ask(KadPeer peer) -> {
          asked.add(peer);
          open.add(peer);
        }
        case LookupAction.Deliver(KadPeer provider) -> delivered.add(provider);
        case LookupAction.Done(List<KadPeer> closest) -> done.add(closest);
      }
    }
  }

  private void answer(KadLookup lookup, KadPeer peer, KadAnswer answer) {
    take(lookup.on(new LookupEvent.Answered(peer.id(), via(peer), answer), now));
  }

  /** Answers all that is asked, one after the other, to the end; empty: it fails. */
  private void run(KadLookup lookup, Function<KadPeer, Optional<KadAnswer>> network) {
    while (!open.isEmpty()) {
      KadPeer peer = open.remove();
      network
          .apply(peer)
          .ifPresentOrElse(
              answer -> answer(lookup, peer, answer),
              () -> take(lookup.on(new LookupEvent.Failed(peer.id()), now)));
    }
  }

  private static Optional<KadAnswer> closer(List<KadPeer> peers) {
    return Optional.of(new KadAnswer(peers, List.of()));
  }

  private List<KadPeer> byDistance(List<KadPeer> all, int count) {
    Comparator<KadPeer> order = (l, r) -> key.id().compareDistance(l.point(), r.point());
    return all.stream().sorted(order).limit(count).toList();
  }

  /** Each knows a hundred at random and the ten nearest to itself. */
  private Map<PeerId, List<KadPeer>> network(List<KadPeer> all) {
    Map<PeerId, List<KadPeer>> known = new HashMap<>();
    java.util.Random random = new java.util.Random(5);
    for (KadPeer peer : all) {
      Set<KadPeer> of = new HashSet<>();
      IntStream.range(0, 100).forEach(i -> of.add(all.get(random.nextInt(all.size()))));
      all.stream()
          .sorted((l, r) -> peer.point().compareDistance(l.point(), r.point()))
          .limit(30)
          .forEach(of::add);
      of.remove(peer);
      known.put(peer.id(), List.copyOf(of));
    }
    return known;
  }

  @Test
  void findsTheKNearest() {
    List<KadPeer> all = peers.peers(500);
    Map<PeerId, List<KadPeer>> known = network(all);
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(all.subList(0, 20), now));
    run(lookup, peer -> closer(byDistance(known.get(peer.id()), 20)));
    assertThat(done).containsExactly(byDistance(all, 20));
    assertThat(asked).doesNotHaveDuplicates().hasSizeLessThan(60);
  }

  @Test
  void endsAtOnceWithNobodyToAsk() {
    take(lookup(CLOSEST).start(List.of(), now));
    assertThat(done).containsExactly(List.of());
  }

  @Test
  void asksNoMoreThanAlphaAtOnce() {
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(peers.peers(20), now));
    assertThat(open).hasSize(CONFIG.alpha());
    answer(lookup, open.remove(), KadAnswer.EMPTY);
    assertThat(open).hasSize(CONFIG.alpha());
  }

  @Test
  void slowPeersHoldUpNobodyAndMayAnswerLate() {
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(peers.peers(20), now));
    now = now.plus(CONFIG.slowAfter());
    take(lookup.on(new LookupEvent.Tick(), now));
    assertThat(asked).hasSize(20);
    KadPeer late = open.remove();
    KadPeer told = peers.peer();
    answer(lookup, late, new KadAnswer(List.of(told), List.of()));
    now = now.plus(CONFIG.slowAfter());
    take(lookup.on(new LookupEvent.Tick(), now));
    assertThat(asked).contains(told);
    assertThat(done).isEmpty();
    now = now.plus(CONFIG.giveUpAfter());
    take(lookup.on(new LookupEvent.Tick(), now));
    assertThat(done).containsExactly(List.of(late));
  }

  @Test
  void oneThatNeverAnswersHasFailed() {
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(peers.peers(1), now));
    now = now.plus(CONFIG.giveUpAfter());
    take(lookup.on(new LookupEvent.Tick(), now));
    assertThat(done).containsExactly(List.of());
    assertThat(lookup.on(new LookupEvent.Failed(open.remove().id()), now)).isEmpty();
  }

  @Test
  void asksNeitherItselfNorThoseWithoutAddress() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.peer();
    take(lookup.start(List.of(first), now));
    answer(
        lookup,
        first,
        new KadAnswer(List.of(KadPeer.of(self, first.addresses()), peers.at()), List.of()));
    assertThat(asked).containsExactly(first);
    assertThat(done).containsExactly(List.of(first));
  }

  @Test
  void followsNoPrivateAddressThatAPublicPeerTells() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.peer();
    take(lookup.start(List.of(first), now));
    KadPeer lan = peers.at("/ip4/192.168.0.1/tcp/22", "/ip4/127.0.0.1/tcp/22");
    answer(lookup, first, new KadAnswer(List.of(lan), List.of()));
    assertThat(asked).containsExactly(first);
  }

  @Test
  void followsPrivateAddressesThatALanPeerTells() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.at("/ip4/192.168.0.9/tcp/4001");
    take(lookup.start(List.of(first), now));
    KadPeer lan = peers.at("/ip4/192.168.0.1/tcp/4001", "/ip4/127.0.0.1/tcp/4001");
    answer(lookup, first, new KadAnswer(List.of(lan), List.of()));
    assertThat(asked.getLast().addresses()).hasSize(1);
    assertThat(asked.getLast().id()).isEqualTo(lan.id());
  }

  @Test
  void aNodeOfThePublicNetworkDialsPublicAddressesOnly() {
    KadLookup lookup = new KadLookup(key, self, CLOSEST, CONFIG.withNearest(AddressScope.PUBLIC));
    KadPeer first = peers.at("/ip4/192.168.0.9/tcp/4001");
    take(lookup.start(List.of(first), now));
    KadPeer lan = peers.at("/ip4/192.168.0.1/tcp/4001");
    answer(lookup, first, new KadAnswer(List.of(lan), List.of()));
    assertThat(asked).containsExactly(first);
  }

  @Test
  void asksTwoOfAGroupWhileThereAreOthers() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.peer();
    take(lookup.start(List.of(first), now));
    List<KadPeer> told = new ArrayList<>();
    IntStream.rangeClosed(1, 10).forEach(i -> told.add(peers.at("/ip4/8.8.8." + i + "/tcp/1")));
    told.addAll(peers.peers(10));
    List<KadPeer> others = peers.peers(20);
    open.clear();
    answer(lookup, first, new KadAnswer(told, List.of()));
    run(lookup, peer -> closer(others));
    assertThat(asked.stream().filter(peer -> told.indexOf(peer) >= 0 && told.indexOf(peer) < 10))
        .hasSize(2);
    assertThat(groupsOf(done.getFirst())).allMatch(count -> count <= 2);
  }

  private static Stream<Long> groupsOf(List<KadPeer> all) {
    return all.stream()
        .flatMap(peer -> peer.groups().stream())
        .collect(Collectors.groupingBy(group -> group, Collectors.counting()))
        .values()
        .stream();
  }

  @Test
  void aNetworkInOneRackIsAskedWhole() {
    List<KadPeer> rack =
        IntStream.rangeClosed(1, 15).mapToObj(i -> peers.at("/ip4/8.8.8." + i + "/tcp/1")).toList();
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(rack.subList(0, 2), now));
    run(lookup, peer -> closer(rack));
    assertThat(done).containsExactly(byDistance(rack, 20));
  }

  @Test
  void oneThatFailsGivesItsPlaceInTheGroupBack() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.peer();
    take(lookup.start(List.of(first), now));
    List<KadPeer> fakes =
        IntStream.rangeClosed(1, 3).mapToObj(i -> peers.at("/ip4/8.8.8." + i + "/tcp/1")).toList();
    KadPeer honest = peers.at("/ip4/8.8.8.99/tcp/1");
    KadPeer second = peers.peer();
    answer(lookup, first, new KadAnswer(List.of(fakes.get(0), fakes.get(1), second), List.of()));
    answer(lookup, second, new KadAnswer(List.of(honest), List.of()));
    run(lookup, peer -> fakes.contains(peer) ? Optional.empty() : closer(List.of(honest)));
    assertThat(done.getFirst()).contains(honest);
  }

  @Test
  void whatALiarTellsIsFollowedNoFurther() {
    List<KadPeer> honest = peers.peers(60);
    KadPeer liar = byDistance(honest, 1).getFirst();
    Map<KadPeer, List<KadPeer>> junk = new HashMap<>();
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(honest.subList(0, 20), now));
    Set<KadPeer> real = Set.copyOf(honest);
    run(
        lookup,
        peer -> {
          if (peer.equals(liar)) {
            return closer(
                junk.computeIfAbsent(
                    liar,
                    l ->
                        IntStream.range(0, 20)
                            .mapToObj(i -> peers.peer(key.id(), 8 + i % 4))
                            .toList()));
          }
          return real.contains(peer) ? closer(byDistance(honest, 20)) : Optional.empty();
        });
    assertThat(done).containsExactly(byDistance(honest, 20));
    assertThat(asked.stream().filter(peer -> !real.contains(peer))).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void aLiarCannotHideAPeerBehindAWrongAddress() {
    KadPeer victim = peers.peer(key.id(), 6);
    KadPeer wrong = KadPeer.of(victim.id(), peers.peer().addresses());
    KadPeer liar = peers.peer();
    KadPeer honest = peers.peer();
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(List.of(liar, honest), now));
    answer(lookup, liar, new KadAnswer(List.of(wrong), List.of()));
    take(lookup.on(new LookupEvent.Failed(victim.id()), now));
    answer(lookup, honest, new KadAnswer(List.of(victim), List.of()));
    assertThat(asked.getLast().addresses()).isEqualTo(victim.addresses());
    answer(lookup, victim, KadAnswer.EMPTY);
    assertThat(done.getFirst()).contains(victim);
  }

  @Test
  void believesOnePeerNoMoreThanKPeers() {
    KadLookup lookup = lookup(CLOSEST);
    KadPeer first = peers.peer();
    take(lookup.start(List.of(first), now));
    answer(lookup, first, new KadAnswer(peers.peers(100), List.of()));
    run(lookup, peer -> closer(List.of()));
    assertThat(asked).hasSizeLessThanOrEqualTo(1 + CONFIG.k());
  }

  @Test
  void endsThoughMadeUpPeersAnswerForEver() {
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(peers.peers(3), now));
    run(lookup, peer -> closer(List.of(peers.peer(), peers.peer(), peers.peer(key.id(), 9))));
    assertThat(done).hasSize(1);
    assertThat(asked).hasSizeLessThanOrEqualTo(15 * CONFIG.k());
  }

  @Test
  void noPathAsksWhatAnotherWasMisledTo() {
    // One of three seeds is a liar whose accomplices know each other only: the two other paths find
    // the honest.
    List<KadPeer> honest = peers.peers(40);
    List<KadPeer> gang = Stream.generate(() -> peers.peer(key.id(), 10)).limit(30).toList();
    KadPeer liar = peers.peer();
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(List.of(liar, honest.get(0), honest.get(1)), now));
    run(
        lookup,
        peer -> closer(gang.contains(peer) || peer.equals(liar) ? gang : byDistance(honest, 20)));
    assertThat(asked).containsAll(byDistance(honest, 7));
  }

  private static KadAnswer providing(List<KadPeer> providers) {
    return new KadAnswer(List.of(), providers);
  }

  @Test
  void deliversEachProviderOnceAndStopsWithEnough() {
    KadLookup lookup = lookup(new LookupGoal.Providers(4));
    List<KadPeer> seeds = peers.peers(20);
    List<KadPeer> providers = peers.peers(6);
    take(lookup.start(seeds, now));
    answer(lookup, open.remove(), providing(providers));
    assertThat(delivered).isEqualTo(providers);
    assertThat(done).isEmpty();
    while (done.isEmpty()) {
      answer(lookup, open.remove(), providing(providers));
    }
    assertThat(delivered).isEqualTo(providers);
    assertThat(asked).hasSizeLessThan(20);
  }

  @Test
  void oneLiarCannotEndTheSearchWithMadeUpProviders() {
    KadLookup lookup = lookup(new LookupGoal.Providers(4));
    List<KadPeer> seeds = peers.peers(20);
    KadPeer real = peers.peer();
    take(lookup.start(seeds, now));
    KadPeer liar = open.remove();
    answer(lookup, liar, providing(peers.peers(200)));
    assertThat(delivered).hasSize(64);
    assertThat(done).isEmpty();
    KadPeer last = byDistance(seeds, 20).getLast();
    run(
        lookup,
        peer -> Optional.of(peer.equals(last) ? providing(List.of(real)) : KadAnswer.EMPTY));
    assertThat(delivered).contains(real);
  }

  @Test
  void findsThePeerThatTheKeyNames() {
    KadPeer wanted = peers.peer();
    KadLookup lookup = new KadLookup(KadKey.of(wanted.id()), self, new LookupGoal.Peer(), CONFIG);
    List<KadPeer> seeds = peers.peers(20);
    take(lookup.start(seeds, now));
    answer(lookup, open.remove(), new KadAnswer(List.of(wanted), List.of()));
    assertThat(asked.getLast()).isEqualTo(wanted);
    answer(lookup, wanted, KadAnswer.EMPTY);
    assertThat(done).hasSize(1);
    assertThat(lookup.heardOf(wanted.id())).contains(wanted);
  }

  @Test
  void ticksWithoutEventsChangeNothing() {
    KadLookup lookup = lookup(CLOSEST);
    take(lookup.start(peers.peers(20), now));
    now = now.plus(Duration.ofMillis(10));
    assertThat(lookup.on(new LookupEvent.Tick(), now)).isEmpty();
  }
}
