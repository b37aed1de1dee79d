package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.AddressScope;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One node of the DHT without its network: its routing table, the records it keeps, the keys it
 * provides, and how it answers.
 *
 * <p><b>Thread:</b> its owner's.
 */
public final class KadNode {
  /** No more providers are told in one answer. */
  public static final int MAX_PROVIDERS_TOLD = 40;

  /** No more addresses of a peer are told. */
  public static final int MAX_ADDRESSES_TOLD = 8;

  private final PeerId self;
  private final int k;
  private final RoutingTable table;
  private final ProviderRecords records;
  private final ProvideSchedule provided;
  private final Supplier<List<Multiaddr>> addresses;

  /** {@code addresses} are this node's own, as they are at the time. */
  public KadNode(
      PeerId self,
      TableLimits limits,
      ProviderRecords records,
      ProvideSchedule provided,
      Supplier<List<Multiaddr>> addresses) {
    this.self = self;
    this.k = limits.bucket();
    this.table = new RoutingTable(KadId.of(self.toBytes()), limits);
    this.records = records;
    this.provided = provided;
    this.addresses = addresses;
  }

  public RoutingTable table() {
    return table;
  }

  public ProviderRecords records() {
    return records;
  }

  public ProvideSchedule provided() {
    return provided;
  }

  /** This node, with those of its addresses that can be reached from {@code scope}. */
  public KadPeer self(AddressScope scope) {
    return KadPeer.of(self, addresses.get()).reachableFrom(scope);
  }

  /** What there is to say to a request. */
  public sealed interface Reply {
    record Answer(KadAnswer answer) implements Reply {}

    /** The request wants no answer. */
    record Silence() implements Reply {}

    /** The request breaks the protocol, or asks for what this node does not do. */
    record Refusal(String reason) implements Reply {}
  }

  /**
   * Answers a request.
   *
   * @param from where the asker's connection comes from
   */
  public Reply answer(KadRequest request, PeerId asker, Multiaddr from, Instant now) {
    return switch (request) {
      case KadRequest.Ping() -> new Reply.Answer(KadAnswer.EMPTY);
      case KadRequest.FindNode(KadKey key) -> new Reply.Answer(closer(key, asker, from));
      case KadRequest.GetValue(KadKey key) -> new Reply.Answer(closer(key, asker, from));
      case KadRequest.GetProviders(KadKey key) ->
          new Reply.Answer(providers(key, asker, from, now));
      case KadRequest.AddProvider add -> add(add, asker, from, now);
      case KadRequest.PutValue() -> new Reply.Refusal("values are not kept here");
    };
  }

  /** Never tells a peer about itself; the peer that the key names comes first, being nearest. */
  private KadAnswer closer(KadKey key, PeerId asker, Multiaddr from) {
    AddressScope scope = AddressScope.of(from).orElse(AddressScope.PUBLIC);
    List<KadPeer> closer =
        table
            .closest(key.id(), k, peer -> !peer.id().equals(asker) && peer.isReachableFrom(scope))
            .stream()
            .map(peer -> told(peer, scope))
            .toList();
    return new KadAnswer(closer, List.of());
  }

  private static KadPeer told(KadPeer peer, AddressScope scope) {
    KadPeer reachable = peer.reachableFrom(scope);
    List<Multiaddr> all = reachable.addresses();
    return all.size() <= MAX_ADDRESSES_TOLD
        ? reachable
        : KadPeer.of(peer.id(), all.subList(0, MAX_ADDRESSES_TOLD));
  }

  private KadAnswer providers(KadKey key, PeerId asker, Multiaddr from, Instant now) {
    AddressScope scope = AddressScope.of(from).orElse(AddressScope.PUBLIC);
    List<KadPeer> providers = new ArrayList<>();
    if (provided.contains(key)) {
      providers.add(told(self(scope), scope));
    }
    records.of(key, KadId.of(asker.toBytes()), MAX_PROVIDERS_TOLD, now).stream()
        .filter(peer -> !peer.id().equals(asker))
        .map(peer -> told(peer, scope))
        .forEach(providers::add);
    providers.removeIf(peer -> peer.addresses().isEmpty());
    return new KadAnswer(closer(key, asker, from).closer(), providers);
  }

  /** A record is taken from the provider itself only, with the addresses that it can have. */
  private Reply add(KadRequest.AddProvider add, PeerId asker, Multiaddr from, Instant now) {
    AddressScope scope = AddressScope.of(from).orElse(AddressScope.PUBLIC);
    for (KadPeer provider : add.providers()) {
      if (provider.id().equals(asker)) {
        KadPeer reachable = told(provider, scope);
        if (reachable.addresses().isEmpty()) {
          return new Reply.Refusal("provider without an address");
        }
        records.add(add.key(), reachable, from, now);
        return new Reply.Silence();
      }
    }
    return new Reply.Refusal("a provider speaks for itself only");
  }
}
