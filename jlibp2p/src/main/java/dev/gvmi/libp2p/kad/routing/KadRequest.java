package dev.gvmi.libp2p.kad.routing;

import java.util.List;

/** What a node asks of another. */
public sealed interface KadRequest {
  /** Are you there? */
  record Ping() implements KadRequest {}

  /** Which peers do you know nearest to this key? */
  record FindNode(KadKey key) implements KadRequest {}

  /** Who provides this key, and which peers do you know nearest to it? */
  record GetProviders(KadKey key) implements KadRequest {}

  /** The sender provides this key; there is no answer. */
  record AddProvider(KadKey key, List<KadPeer> providers) implements KadRequest {
    public AddProvider {
      providers = List.copyOf(providers);
    }
  }

  /** What value has this key? No node of ours holds any. */
  record GetValue(KadKey key) implements KadRequest {}

  /** Keep a value: refused. */
  record PutValue() implements KadRequest {}
}
