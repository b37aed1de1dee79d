package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.kad.KadMode;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.Collection;

/** What part a node takes in the DHT. */
public enum DhtRole {
  /**
   * Server where others can reach it: on a public address, and where there is no public network at
   * all.
   */
  AUTO,
  SERVER,
  CLIENT,
  OFF;

  /**
   * The mode for now. Pure.
   *
   * @param own where this node listens, empty if it only dials
   * @param peers where connected peers are
   */
  KadMode mode(Collection<Multiaddr> own, Collection<Multiaddr> peers) {
    return switch (this) {
      case SERVER -> KadMode.SERVER;
      case CLIENT, OFF -> KadMode.CLIENT;
      case AUTO -> {
        boolean isPublic = own.stream().anyMatch(AddressScope.PUBLIC::reaches);
        boolean seesPublic = peers.stream().anyMatch(AddressScope.PUBLIC::reaches);
        yield !own.isEmpty() && (isPublic || !seesPublic) ? KadMode.SERVER : KadMode.CLIENT;
      }
    };
  }
}
