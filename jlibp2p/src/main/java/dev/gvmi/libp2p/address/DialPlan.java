package dev.gvmi.libp2p.address;

import static dev.gvmi.libp2p.multiformats.Protocol.IP6;
import static dev.gvmi.libp2p.multiformats.Protocol.P2P_CIRCUIT;
import static dev.gvmi.libp2p.multiformats.Protocol.QUIC_V1;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which address of a peer is tried after what delay, so that the best one wins though all race.
 *
 * <p>QUIC goes before TCP. IPv6 and IPv4 take turns, because one of the two is often broken without
 * an error: the second follows the first by a gap, the others of the same transport by another. TCP
 * begins a gap after QUIC. The gap is a long round trip for public addresses, and that of a LAN for
 * the others; the two race each other. Among equals, the caller's order stays. There is no
 * transport for relays: their addresses are left out.
 *
 * <p><b>Source:</b> go-libp2p's dial ranker; RFC 8305.
 */
public final class DialPlan {
  /**
   * No more addresses of one peer are tried: whoever lists more is not to make us dial them all.
   */
  public static final int MAX_ADDRESSES = 32;

  static final Duration PUBLIC_GAP = Duration.ofMillis(250);
  static final Duration PRIVATE_GAP = Duration.ofMillis(30);
  private static final int MOST_GAPS = 2;

  private DialPlan() {}

  /**
   * An address, and when it is tried: after the beginning, or as soon as nothing else is left to
   * wait for.
   */
  public record Step(Multiaddr address, Duration after) {}

  /** The earliest first. */
  public static List<Step> of(Collection<Multiaddr> addresses) {
    List<Multiaddr> usable =
        addresses.stream()
            .filter(address -> !address.protocols().contains(P2P_CIRCUIT))
            .distinct()
            .limit(MAX_ADDRESSES)
            .toList();
    List<Step> steps = new ArrayList<>();
    race(only(usable, AddressScope.PUBLIC::reaches), PUBLIC_GAP, steps);
    race(only(usable, Predicate.not(AddressScope.PUBLIC::reaches)), PRIVATE_GAP, steps);
    steps.sort(Comparator.comparing(Step::after).thenComparing(step -> !isQuic(step.address())));
    return List.copyOf(steps);
  }

  private static void race(List<Multiaddr> addresses, Duration gap, List<Step> steps) {
    List<Multiaddr> quic = byTurns(only(addresses, DialPlan::isQuic));
    List<Multiaddr> other = byTurns(only(addresses, Predicate.not(DialPlan::isQuic)));
    stagger(quic, Duration.ZERO, gap, steps);
    stagger(other, quic.isEmpty() ? Duration.ZERO : gap, gap, steps);
  }

  private static void stagger(
      List<Multiaddr> addresses, Duration from, Duration gap, List<Step> steps) {
    for (int i = 0; i < addresses.size(); i++) {
      steps.add(new Step(addresses.get(i), from.plus(gap.multipliedBy(Math.min(i, MOST_GAPS)))));
    }
  }

  private static List<Multiaddr> byTurns(List<Multiaddr> addresses) {
    Deque<Multiaddr> next = new ArrayDeque<>(only(addresses, DialPlan::isIp6));
    Deque<Multiaddr> later = new ArrayDeque<>(only(addresses, Predicate.not(DialPlan::isIp6)));
    List<Multiaddr> ordered = new ArrayList<>(addresses.size());
    while (ordered.size() < addresses.size()) {
      Multiaddr address = next.poll();
      if (address != null) {
        ordered.add(address);
      }
      Deque<Multiaddr> turn = next;
      next = later;
      later = turn;
    }
    return ordered;
  }

  private static List<Multiaddr> only(List<Multiaddr> addresses, Predicate<Multiaddr> wanted) {
    return addresses.stream().filter(wanted).toList();
  }

  private static boolean isQuic(Multiaddr address) {
    return address.protocols().contains(QUIC_V1);
  }

  private static boolean isIp6(Multiaddr address) {
    return address.protocols().getFirst() == IP6;
  }
}
