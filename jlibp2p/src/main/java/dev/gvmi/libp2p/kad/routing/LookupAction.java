package dev.gvmi.libp2p.kad.routing;

import java.util.List;

/** What a lookup wants done. */
public sealed interface LookupAction {
  /** Ask this peer; what becomes of it comes back as an event. */
  record Ask(KadPeer peer) implements LookupAction {}

  /** A provider that was not delivered before: a hint, until it has proven itself. */
  record Deliver(KadPeer provider) implements LookupAction {}

  /** The lookup is over. The k nearest peers that answered, the nearest first. */
  record Done(List<KadPeer> closest) implements LookupAction {
    public Done {
      closest = List.copyOf(closest);
    }
  }
}
