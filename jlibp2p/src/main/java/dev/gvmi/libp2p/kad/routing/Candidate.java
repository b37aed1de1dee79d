package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A peer that a lookup has heard of. */
final class Candidate {
  /** A peer of which somebody knows other addresses is tried again so often. */
  private static final int MAX_REVIVALS = 2;

  enum State {
    NEW,
    ASKED,
    /** Asked, and has kept us waiting. */
    SLOW,
    ANSWERED,
    FAILED
  }

  private KadPeer peer;
  private final int hops;
  private @Nullable PeerId source;
  private State state = State.NEW;
  private LookupPath path;
  private Instant askedAt = Instant.MIN;
  private Set<IpGroup> groups;
  private int revivals;

  /** {@code source} told of it; null for one of the own table. */
  Candidate(KadPeer peer, LookupPath path, int hops, @Nullable PeerId source) {
    this.peer = peer;
    this.path = path;
    this.hops = hops;
    this.source = source;
    this.groups = peer.groups();
  }

  KadPeer peer() {
    return peer;
  }

  State state() {
    return state;
  }

  int hops() {
    return hops;
  }

  @Nullable PeerId source() {
    return source;
  }

  /** The path that asks, or has asked it. */
  LookupPath path() {
    return path;
  }

  Set<IpGroup> groups() {
    return groups;
  }

  boolean isOpen() {
    return state == State.ASKED || state == State.SLOW;
  }

  void asked(LookupPath by, Instant now) {
    path = by;
    state = State.ASKED;
    askedAt = now;
  }

  void slow() {
    state = State.SLOW;
  }

  void answered(Multiaddr via) {
    state = State.ANSWERED;
    groups = IpGroup.of(List.of(via));
  }

  void failed() {
    state = State.FAILED;
  }

  Instant askedAt() {
    return askedAt;
  }

  /** Somebody else knows of it, perhaps at other addresses. */
  void told(KadPeer again, PeerId by) {
    KadPeer more = peer.with(again);
    if (more.equals(peer) || isOpen() || state == State.ANSWERED) {
      return;
    }
    if (state == State.FAILED) {
      if (revivals == MAX_REVIVALS) {
        return;
      }
      revivals++;
      state = State.NEW;
      source = by;
      more = again;
    }
    peer = more;
    groups = peer.groups();
  }
}
