package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.kad.routing.Candidate.State;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An iterative lookup: asks the peers nearest to a key for nearer ones, until the k nearest have
 * answered.
 *
 * <p><b>Disjoint paths.</b> The peers to start from are dealt out to several paths. What a path is
 * told, it alone follows, and no peer is asked by two, so that a liar misleads the path that asked
 * it and no other. When the paths are at their end, the k nearest of all of them are asked that
 * were not yet.
 *
 * <p><b>Liars.</b> A peer is believed no more than k peers and {@value #MAX_PROVIDERS_TOLD}
 * providers, and nothing that it tells is followed any further once {@value #MAX_BROKEN_PROMISES}
 * of its peers were not there, unless half as many were. At most two peers of an IP group are
 * asked, as long as there are others. A peer that fails gives its place in the group back; one that
 * answers counts for the address that it was reached at, whatever it claims.
 *
 * <p><b>Slow peers</b> stop counting against {@code alpha} after a while, so that the dead cost no
 * time, but may answer until they have failed. The end waits for them only where fewer than k
 * others have answered.
 *
 * <p>Each call returns what to do next. After {@link LookupAction.Done} there is nothing more.
 *
 * <p><b>Thread:</b> its owner's. <b>Source:</b> libp2p kad-dht specification, Peer routing; I.
 * Baumgart and S. Mies, S/Kademlia, 2007.
 */
public final class KadLookup {
  private static final int MAX_PROVIDERS_TOLD = 64;
  private static final int MAX_PROVIDERS = 512;
  private static final int MAX_BROKEN_PROMISES = 4;
  private static final int MOST_OPEN_PER_ALPHA = 3;

  /** Made-up peers that are nearer each time keep no lookup going for ever. */
  private static final int MOST_ASKED_PER_K = 15;

  private final KadKey key;
  private final PeerId self;
  private final LookupGoal goal;
  private final LookupConfig config;
  private final List<LookupPath> paths = new ArrayList<>();
  private final Map<PeerId, Candidate> known = new HashMap<>();
  private final Map<IpGroup, Integer> perGroup = new HashMap<>();
  private final Map<PeerId, Word> words = new HashMap<>();
  private final Set<PeerId> delivered = new HashSet<>();
  private final Map<LookupPath, Set<PeerId>> counted = new LinkedHashMap<>();
  private int open;
  private int slow;
  private int answered;
  private int asked;
  private int hops;
  private boolean done;

  /** How good the word of a peer was: what became of those that it told of. */
  private static final class Word {
    private int broken;
    private int kept;

    private boolean isWorthless() {
      return broken >= MAX_BROKEN_PROMISES && broken > 2 * kept;
    }
  }

  public KadLookup(KadKey key, PeerId self, LookupGoal goal, LookupConfig config) {
    this.key = key;
    this.self = self;
    this.goal = goal;
    this.config = config;
  }

  /** Begins, from peers of the own table. */
  public List<LookupAction> start(List<KadPeer> seeds, Instant now) {
    int count = Math.max(1, Math.min(config.paths(), seeds.size()));
    for (int i = 0; i < count; i++) {
      LookupPath path =
          new LookupPath(
              key.id(), Math.ceilDiv(config.k(), count), Math.ceilDiv(config.alpha(), count));
      paths.add(path);
      counted.put(path, new HashSet<>());
    }
    for (int i = 0; i < seeds.size(); i++) {
      hear(seeds.get(i), paths.get(i % count), 0, null);
    }
    List<LookupAction> actions = new ArrayList<>();
    proceed(actions, now);
    return actions;
  }

  public List<LookupAction> on(LookupEvent event, Instant now) {
    List<LookupAction> actions = new ArrayList<>();
    if (done) {
      return actions;
    }
    switch (event) {
      case LookupEvent.Answered(PeerId peer, Multiaddr via, KadAnswer answer) ->
          answered(peer, via, answer, actions);
      case LookupEvent.Failed(PeerId peer) -> openCandidate(peer).ifPresent(this::failed);
      case LookupEvent.Tick() -> tick(now);
    }
    proceed(actions, now);
    return actions;
  }

  private Optional<Candidate> openCandidate(PeerId peer) {
    return Optional.ofNullable(known.get(peer)).filter(Candidate::isOpen);
  }

  private void answered(PeerId peer, Multiaddr via, KadAnswer answer, List<LookupAction> actions) {
    Candidate candidate = openCandidate(peer).orElse(null);
    if (candidate == null) {
      return;
    }
    count(candidate.groups(), -1);
    if (candidate.state() == State.SLOW) {
      word(candidate).broken--;
      slow--;
    } else {
      noLongerOpen(candidate);
    }
    candidate.answered(via);
    answered++;
    count(candidate.groups(), 1);
    word(candidate).kept++;
    hops = Math.max(hops, candidate.hops() + 1);
    AddressScope scope =
        AddressScope.farther(config.nearest(), AddressScope.of(via).orElse(AddressScope.PUBLIC));
    answer.closer().stream()
        .limit(config.k())
        .map(told -> told.reachableFrom(scope))
        .forEach(told -> hear(told, candidate.path(), candidate.hops() + 1, peer));
    if (goal instanceof LookupGoal.Providers) {
      answer.providers().stream()
          .limit(MAX_PROVIDERS_TOLD)
          .map(told -> told.reachableFrom(scope))
          .forEach(told -> deliver(told, candidate.path(), actions));
    }
  }

  private void hear(KadPeer told, LookupPath path, int distance, @Nullable PeerId source) {
    if (told.id().equals(self) || told.addresses().isEmpty()) {
      return;
    }
    Candidate candidate = known.get(told.id());
    if (candidate == null) {
      candidate = new Candidate(told, path, distance, source);
      if (path.add(candidate)) {
        known.put(told.id(), candidate);
      }
      return;
    }
    if (source != null) {
      candidate.told(told, source);
    }
    path.add(candidate);
  }

  private void deliver(KadPeer provider, LookupPath path, List<LookupAction> actions) {
    if (provider.id().equals(self) || delivered.size() >= MAX_PROVIDERS) {
      return;
    }
    counted.getOrDefault(path, Set.of()).add(provider.id());
    if (delivered.add(provider.id())) {
      actions.add(new LookupAction.Deliver(provider));
    }
  }

  private void failed(Candidate candidate) {
    count(candidate.groups(), -1);
    if (candidate.state() == State.SLOW) {
      slow--;
    } else {
      noLongerOpen(candidate);
      word(candidate).broken++;
    }
    candidate.failed();
  }

  private void noLongerOpen(Candidate candidate) {
    open--;
    candidate.path().open(-1);
  }

  private void tick(Instant now) {
    for (Candidate candidate : known.values()) {
      if (candidate.isOpen() && !candidate.askedAt().plus(config.giveUpAfter()).isAfter(now)) {
        failed(candidate);
      } else if (candidate.state() == State.ASKED
          && !candidate.askedAt().plus(config.slowAfter()).isAfter(now)) {
        noLongerOpen(candidate);
        candidate.slow();
        slow++;
        word(candidate).broken++;
      }
    }
  }

  private Word word(Candidate candidate) {
    PeerId source = candidate.source();
    return source == null ? new Word() : words.computeIfAbsent(source, s -> new Word());
  }

  private void count(Collection<IpGroup> groups, int change) {
    groups.forEach(
        group -> perGroup.merge(group, change, (was, by) -> was + by == 0 ? null : was + by));
  }

  // ---- whom to ask ----

  private void proceed(List<LookupAction> actions, Instant now) {
    if (enough()) {
      finish(actions);
      return;
    }
    boolean progress = true;
    while (progress) {
      progress = false;
      for (LookupPath path : paths) {
        Optional<Candidate> next = mayAsk() ? path.next(this::isWelcome) : Optional.empty();
        next.ifPresent(candidate -> ask(candidate, path, actions, now));
        progress |= next.isPresent();
      }
    }
    if (open == 0) {
      askNearest(actions, now);
    }
    if (open == 0 && (slow == 0 || answered >= config.k())) {
      finish(actions);
    }
  }

  private boolean mayAsk() {
    return open < config.alpha()
        && open + slow < MOST_OPEN_PER_ALPHA * config.alpha()
        && asked < MOST_ASKED_PER_K * config.k();
  }

  private boolean isWelcome(Candidate candidate) {
    PeerId source = candidate.source();
    boolean believed = source == null || !words.getOrDefault(source, new Word()).isWorthless();
    return believed
        && candidate.groups().stream()
            .allMatch(group -> perGroup.getOrDefault(group, 0) < config.perGroup());
  }

  private void ask(Candidate candidate, LookupPath path, List<LookupAction> actions, Instant now) {
    candidate.asked(path, now);
    count(candidate.groups(), 1);
    open++;
    path.open(1);
    asked++;
    actions.add(new LookupAction.Ask(candidate.peer()));
  }

  /**
   * The paths are at their end: of the k nearest, those that no path has asked; then any, if fewer
   * than k answered.
   */
  private void askNearest(List<LookupAction> actions, Instant now) {
    List<Candidate> nearest =
        byDistance().stream()
            .filter(c -> c.state() == State.ANSWERED || c.state() == State.NEW)
            .toList();
    int good = 0;
    for (Candidate candidate : nearest) {
      if (good == config.k() || !mayAsk()) {
        return;
      }
      if (candidate.state() == State.ANSWERED) {
        good++;
      } else if (isWelcome(candidate)) {
        ask(candidate, candidate.path(), actions, now);
        good++;
      }
    }
    for (Candidate candidate : nearest) {
      if (good == config.k() || !mayAsk()) {
        return;
      }
      if (candidate.state() == State.NEW) {
        ask(candidate, candidate.path(), actions, now);
        good++;
      }
    }
  }

  private List<Candidate> byDistance() {
    return known.values().stream()
        .sorted((l, r) -> key.id().compareDistance(l.peer().point(), r.peer().point()))
        .toList();
  }

  // ---- the end ----

  private boolean enough() {
    return switch (goal) {
      case LookupGoal.Closest() -> false;
      case LookupGoal.Peer() ->
          known.values().stream()
              .anyMatch(c -> c.state() == State.ANSWERED && key.names(c.peer().id()));
      case LookupGoal.Providers(int wanted) -> hasProviders(wanted);
    };
  }

  private boolean hasProviders(int wanted) {
    int perPath = Math.ceilDiv(wanted, Math.min(2, paths.size()));
    Set<PeerId> all = new HashSet<>();
    for (Set<PeerId> ofPath : counted.values()) {
      ofPath.stream().filter(peer -> !all.contains(peer)).limit(perPath).toList().forEach(all::add);
    }
    return all.size() >= wanted;
  }

  private void finish(List<LookupAction> actions) {
    done = true;
    actions.add(new LookupAction.Done(closest()));
  }

  /**
   * The k nearest that answered; of an IP group more than its share only where there are fewer than
   * k others.
   */
  public List<KadPeer> closest() {
    List<KadPeer> chosen = new ArrayList<>();
    List<KadPeer> rest = new ArrayList<>();
    Map<IpGroup, Integer> used = new HashMap<>();
    for (Candidate candidate : byDistance()) {
      if (candidate.state() != State.ANSWERED) {
        continue;
      }
      boolean welcome =
          candidate.groups().stream()
              .allMatch(group -> used.getOrDefault(group, 0) < config.perGroup());
      candidate.groups().forEach(group -> used.merge(group, 1, Integer::sum));
      (welcome ? chosen : rest).add(candidate.peer());
    }
    rest.stream().limit(Math.max(0, config.k() - chosen.size())).forEach(chosen::add);
    return List.copyOf(chosen.subList(0, Math.min(chosen.size(), config.k())));
  }

  /** What was told of this peer, whether it answered or not. */
  public Optional<KadPeer> heardOf(PeerId peer) {
    return Optional.ofNullable(known.get(peer)).map(Candidate::peer);
  }

  public boolean isDone() {
    return done;
  }

  /** How many requests it took. */
  public int asked() {
    return asked;
  }

  /** How many peers, one after the other, it took to hear of the farthest that answered. */
  public int hops() {
    return hops;
  }
}
