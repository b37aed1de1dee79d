package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.kad.routing.Candidate.State;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** One of the disjoint paths of a lookup: what it has heard of, the nearest first. */
final class LookupPath {
  private static final int MAX_CANDIDATES = 256;

  private final int enough;
  private final int width;
  private final TreeSet<Candidate> candidates;
  private int open;

  /**
   * @param enough it is at its end when its own nearest have answered, so many of them
   * @param width requests in flight at one time, those to slow peers not counted
   */
  LookupPath(KadId target, int enough, int width) {
    this.enough = enough;
    this.width = width;
    Comparator<Candidate> byDistance =
        (left, right) -> target.compareDistance(left.peer().point(), right.peer().point());
    this.candidates = new TreeSet<>(byDistance);
  }

  /** False if it is farther than all, and there are many. */
  boolean add(Candidate candidate) {
    candidates.add(candidate);
    if (candidates.size() > MAX_CANDIDATES) {
      Candidate last = candidates.pollLast();
      return last != candidate;
    }
    return true;
  }

  /** One more request is in flight, or one less. */
  void open(int change) {
    open += change;
  }

  /** The one to ask now, if any: the nearest that is new and {@code allowed}. */
  Optional<Candidate> next(Predicate<Candidate> allowed) {
    if (open >= width) {
      return Optional.empty();
    }
    int good = 0;
    for (Candidate candidate : candidates) {
      if (candidate.state() == State.NEW && allowed.test(candidate)) {
        return Optional.of(candidate);
      }
      // One that is slow or has failed is passed over: others take its place.
      if (isMine(candidate) && isGood(candidate.state()) && ++good == enough) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isMine(Candidate candidate) {
    return candidate.path() == this;
  }

  private static boolean isGood(State state) {
    return state == State.ASKED || state == State.ANSWERED;
  }
}
