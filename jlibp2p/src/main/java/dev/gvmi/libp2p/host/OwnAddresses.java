package dev.gvmi.libp2p.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.address.ObservedAddresses;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.network.Connection;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Where this host listens, and where others see it. <b>Thread:</b> any. */
final class OwnAddresses {
  private final List<Multiaddr> bound = new CopyOnWriteArrayList<>();
  private final InstantSource clock;

  @GuardedBy("this")
  private final ObservedAddresses observed = new ObservedAddresses();

  @GuardedBy("this")
  private List<Multiaddr> told = List.of();

  OwnAddresses(InstantSource clock) {
    this.clock = clock;
  }

  void bound(Multiaddr address) {
    bound.add(address);
  }

  void unbound() {
    bound.clear();
  }

  /** What is bound, unspecified addresses expanded to those of the interfaces. */
  List<Multiaddr> listening() {
    return bound.stream().flatMap(ListenAddresses::expand).distinct().toList();
  }

  /** Those, and what enough peers agree on. */
  List<Multiaddr> all() {
    return Stream.concat(listening().stream(), confirmed().stream()).distinct().toList();
  }

  private synchronized List<Multiaddr> confirmed() {
    return observed.confirmed(bound, clock.instant());
  }

  /**
   * Counts what the peers of these connections said, as said now. Returns whether others see us
   * elsewhere than before.
   */
  synchronized boolean observed(Collection<Connection> connections) {
    for (Connection connection : connections) {
      connection
          .observedAddress()
          .ifPresent(at ->
              observed.observed(
                  connection.remoteAddress(), connection.inbound(), at, bound, clock.instant()));
    }
    List<Multiaddr> now = confirmed();
    boolean changed = !now.equals(told);
    told = now;
    return changed;
  }
}
