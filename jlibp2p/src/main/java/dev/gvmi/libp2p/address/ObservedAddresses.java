package dev.gvmi.libp2p.address;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses of ours others see, as far as enough of them say the same. <b>Thread:</b>
 * confined to its owner.
 *
 * <p>Each peer tells where it sees us. One may err or lie, hence an address counts when 4 observers
 * say it, and those of an {@link IpGroup} are one observer, who is asked last what it said last.
 *
 * <ul>
 *   <li>On a connection that a peer made to us, it dialled the address that it tells: it leads to
 *       our listener, port and all.
 *   <li>A connection that we made leaves from a port of its own, so it teaches the IP alone. With
 *       the port that we listen on, this is right without a NAT, and behind one that keeps or
 *       forwards the port; else it leads nowhere. It is taken only if no observer of the first kind
 *       knows a port at this IP.
 * </ul>
 *
 * <p>Only public observers tell of public addresses, and private of private ones; nobody tells of
 * loopback. What an observer said counts for 30 minutes.
 *
 * <p><b>Source:</b> libp2p identify, observedAddr; the thresholds are go-libp2p's.
 */
public final class ObservedAddresses {
  static final int OBSERVERS = 4;
  static final int MOST_PER_LISTENER = 3;
  static final Duration LIFE = Duration.ofMinutes(30);

  /** What observers said, of all listeners. The longest unheard is forgotten first. */
  static final int MAX_VOTES = 1024;

  private final Map<Voter, Vote> votes = new LinkedHashMap<>(16, 0.75f, true);

  private record Voter(Multiaddr listener, IpGroup group) {}

  /**
   * @param exact whether the observer knows the port too
   */
  private record Vote(Multiaddr external, boolean exact, Instant at) {}

  /**
   * A peer tells where it sees us.
   *
   * @param observer where the peer is
   * @param inbound whether the peer made the connection
   * @param listeners what is bound, unspecified addresses as they are
   */
  public void observed(
      Multiaddr observer,
      boolean inbound,
      Multiaddr told,
      Collection<Multiaddr> listeners,
      Instant now) {
    Multiaddr observed = told.withoutP2p();
    if (!isBelievable(observer, observed)) {
      return;
    }
    IpGroup group = IpGroup.prefixOf(observer);
    List<Multiaddr> alike =
        listeners.stream().filter(listener -> isAlike(listener, observed)).toList();
    if (inbound) {
      reached(alike, observed).ifPresent(at -> vote(at, group, new Vote(observed, true, now)));
    } else {
      alike.forEach(at ->
          presumed(at, observed).ifPresent(guess -> vote(at, group, new Vote(guess, false, now))));
    }
  }

  private static boolean isBelievable(Multiaddr observer, Multiaddr observed) {
    Optional<AddressScope> scope = AddressScope.of(observed);
    return scope.isPresent()
        && scope.get() != AddressScope.LOOPBACK
        && scope.equals(AddressScope.of(observer))
        && !observed.protocols().contains(Protocol.P2P_CIRCUIT);
  }

  /** The same family and transport. */
  private static boolean isAlike(Multiaddr listener, Multiaddr observed) {
    return listener.protocols().equals(observed.protocols());
  }

  /**
   * The listener behind an address that was dialled: the only one of its kind, or that of the same
   * port.
   */
  private static Optional<Multiaddr> reached(List<Multiaddr> alike, Multiaddr observed) {
    if (alike.size() == 1) {
      return Optional.of(alike.getFirst());
    }
    return alike.stream()
        .filter(listener -> presumed(listener, observed).filter(observed::equals).isPresent())
        .findFirst();
  }

  private static Optional<Multiaddr> presumed(Multiaddr listener, Multiaddr observed) {
    return observed.ip().map(listener::withIp);
  }

  private void vote(Multiaddr listener, IpGroup group, Vote vote) {
    Voter voter = new Voter(listener, group);
    Vote before = votes.get(voter);
    boolean knewMore =
        before != null && before.exact() && !vote.exact() && isAlive(before, vote.at());
    if (!knewMore) {
      votes.put(voter, vote);
    }
    if (votes.size() > MAX_VOTES) {
      votes.remove(votes.keySet().iterator().next());
    }
  }

  private static boolean isAlive(Vote vote, Instant now) {
    return now.isBefore(vote.at().plus(LIFE));
  }

  /** The addresses that enough observers agree on, for each of the listeners those that most do. */
  public List<Multiaddr> confirmed(Collection<Multiaddr> listeners, Instant now) {
    votes.values().removeIf(vote -> !isAlive(vote, now));
    return listeners.stream().flatMap(at -> confirmed(at).stream()).distinct().toList();
  }

  private List<Multiaddr> confirmed(Multiaddr listener) {
    List<Multiaddr> exact = agreed(listener, true);
    Set<Multiaddr> known =
        exact.stream()
            .map(Multiaddr::firstPart)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    List<Multiaddr> all = new ArrayList<>(exact);
    agreed(listener, false).stream()
        .filter(guess -> known.add(guess.firstPart()))
        .forEach(all::add);
    return all.stream().limit(MOST_PER_LISTENER).toList();
  }

  /** Those who know the port also vouch for what is only presumed, if it is the same. */
  private List<Multiaddr> agreed(Multiaddr listener, boolean exact) {
    Map<Multiaddr, Long> counts =
        votes.entrySet().stream()
            .filter(vote -> vote.getKey().listener().equals(listener))
            .filter(vote -> vote.getValue().exact() || !exact)
            .collect(
                Collectors.groupingBy(vote -> vote.getValue().external(), Collectors.counting()));
    return counts.entrySet().stream()
        .filter(count -> count.getValue() >= OBSERVERS)
        .sorted(
            Comparator.comparing(Map.Entry<Multiaddr, Long>::getValue)
                .reversed()
                .thenComparing(count -> count.getKey().toString()))
        .map(Map.Entry::getKey)
        .toList();
  }

  int size() {
    return votes.size();
  }
}
