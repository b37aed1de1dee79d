package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A peer and where it says that it listens. Immutable; equal by id and addresses. */
public final class KadPeer {
  /** More addresses of a peer are not kept. */
  public static final int MAX_ADDRESSES = 16;

  private final PeerId id;
  private final KadId point;
  private final List<Multiaddr> addresses;
  private final Set<IpGroup> groups;

  /** Null if an address has no scope, or there is none. */
  private final @Nullable AddressScope nearest;

  private final @Nullable AddressScope farthest;

  private KadPeer(PeerId id, KadId point, List<Multiaddr> addresses) {
    this.id = id;
    this.point = point;
    this.addresses =
        addresses.stream().map(Multiaddr::withoutP2p).distinct().limit(MAX_ADDRESSES).toList();
    this.groups = IpGroup.of(this.addresses);
    List<AddressScope> scopes =
        this.addresses.stream().flatMap(a -> AddressScope.of(a).stream()).sorted().toList();
    boolean all = !scopes.isEmpty() && scopes.size() == this.addresses.size();
    this.nearest = all ? scopes.getFirst() : null;
    this.farthest = scopes.isEmpty() ? null : scopes.getLast();
  }

  public static KadPeer of(PeerId id, List<Multiaddr> addresses) {
    return new KadPeer(id, KadId.of(id.toBytes()), addresses);
  }

  public PeerId id() {
    return id;
  }

  /** Where the id lies in the key space. */
  public KadId point() {
    return point;
  }

  /** Without {@code /p2p}, none twice. */
  public List<Multiaddr> addresses() {
    return addresses;
  }

  Set<IpGroup> groups() {
    return groups;
  }

  /** The same peer, with those of its addresses only that can be reached from {@code scope}. */
  public KadPeer reachableFrom(AddressScope scope) {
    if (nearest != null && nearest.compareTo(scope) >= 0) {
      return this;
    }
    List<Multiaddr> kept = addresses.stream().filter(scope::reaches).toList();
    return kept.size() == addresses.size() ? this : new KadPeer(id, point, kept);
  }

  /** Whether it has an address that can be reached from {@code scope}. */
  boolean isReachableFrom(AddressScope scope) {
    return farthest != null && farthest.compareTo(scope) >= 0;
  }

  /** The same peer with the other's addresses besides; this one if that adds none. */
  KadPeer with(KadPeer other) {
    if (equals(other)) {
      return this;
    }
    Set<Multiaddr> all = new LinkedHashSet<>(addresses);
    return all.addAll(other.addresses) && addresses.size() < MAX_ADDRESSES
        ? new KadPeer(id, point, new ArrayList<>(all))
        : this;
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof KadPeer peer
            && peer.id.equals(id)
            && peer.addresses.equals(addresses));
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id + " " + addresses;
  }
}
