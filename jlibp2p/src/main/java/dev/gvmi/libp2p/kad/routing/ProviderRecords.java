package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who provides what, as others said: bounded by key, peer, IP group and in all, each record for a limited time.
 *
 * <p>When a key has as many providers as it may, one of the IP group with the most of them gives way to one of a group with fewer:
 * one rack of made-up peers cannot fill it.
 *
 * <p><b>Thread:</b> its owner's.
 */
public final class ProviderRecords {
  private final ProviderLimits limits;
  private final ProviderStore store;
  private final Map<KadKey, Map<PeerId, ProviderRecord>> byKey = new HashMap<>();
  private final Map<PeerId, Integer> perPeer = new HashMap<>();
  private final Map<IpGroup, Integer> perGroup = new HashMap<>();
  private int size;

  /** With those of the store that have not expired and are within the limits. */
  public ProviderRecords(ProviderLimits limits, ProviderStore store, Instant now) {
    this.limits = limits;
    this.store = store;
    for (ProviderRecord record : store.records()) {
      if (record.expires().isAfter(now) && fits(record)) {
        enter(record);
      } else {
        store.remove(record);
      }
    }
  }

  /**
   * Takes or renews a record. False if a limit is reached.
   *
   * @param from the address that the provider said so from
   */
  public boolean add(KadKey key, KadPeer provider, Multiaddr from, Instant now) {
    ProviderRecord record =
        new ProviderRecord(key, provider, IpGroup.prefixOf(from), now.plus(limits.ttl()));
    ProviderRecord old = byKey.getOrDefault(key, Map.of()).get(provider.id());
    if (old != null) {
      leave(old);
    } else if (!fits(record) && !makesRoom(record, now)) {
      return false;
    }
    enter(record);
    store.put(record);
    return true;
  }

  private boolean fits(ProviderRecord record) {
    return withinShares(record)
        && byKey.getOrDefault(record.key(), Map.of()).size() < limits.perKey();
  }

  private boolean withinShares(ProviderRecord record) {
    return size < limits.total()
        && perPeer.getOrDefault(record.provider().id(), 0) < limits.perPeer()
        && perGroup.getOrDefault(record.group(), 0) < limits.perGroup();
  }

  private boolean makesRoom(ProviderRecord record, Instant now) {
    if (size >= limits.total()) {
      expire(now);
    }
    if (!withinShares(record)) {
      return false;
    }
    Collection<ProviderRecord> ofKey = byKey.getOrDefault(record.key(), Map.of()).values();
    if (ofKey.size() < limits.perKey()) {
      return true;
    }
    Optional<ProviderRecord> out = mostCrowded(ofKey, record.group());
    out.ifPresent(this::remove);
    return out.isPresent();
  }

  /** The oldest of the group with the most records of the key, if that has at least two more than {@code newcomer}. */
  private static Optional<ProviderRecord> mostCrowded(
      Collection<ProviderRecord> records, IpGroup newcomer) {
    Map<IpGroup, Long> counts =
        records.stream()
            .collect(Collectors.groupingBy(ProviderRecord::group, Collectors.counting()));
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return records.stream()
        .filter(record -> counts.getOrDefault(record.group(), 0L) == most)
        .min(Comparator.comparing(ProviderRecord::expires))
        .filter(record -> counts.getOrDefault(newcomer, 0L) + 1 < most);
  }

  private void enter(ProviderRecord record) {
    byKey.computeIfAbsent(record.key(), k -> new LinkedHashMap<>())
        .put(record.provider().id(), record);
    perPeer.merge(record.provider().id(), 1, Integer::sum);
    perGroup.merge(record.group(), 1, Integer::sum);
    size++;
  }

  private void leave(ProviderRecord record) {
    Map<PeerId, ProviderRecord> ofKey = byKey.get(record.key());
    if (ofKey == null || ofKey.remove(record.provider().id()) == null) {
      return;
    }
    if (ofKey.isEmpty()) {
      byKey.remove(record.key());
    }
    decrement(perPeer, record.provider().id());
    decrement(perGroup, record.group());
    size--;
  }

  private static <K> void decrement(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
  }

  private void remove(ProviderRecord record) {
    leave(record);
    store.remove(record);
  }

  /**
   * At most {@code most} providers of a key. Of more, those that lie nearest to {@code asker}: each asker gets others, and the same
   * ones again.
   */
  public List<KadPeer> of(KadKey key, KadId asker, int most, Instant now) {
    return byKey.getOrDefault(key, Map.of()).values().stream()
        .filter(record -> record.expires().isAfter(now))
        .map(ProviderRecord::provider)
        .sorted((left, right) -> asker.compareDistance(left.point(), right.point()))
        .limit(most)
        .toList();
  }

  /** Forgets what has expired. */
  public void expire(Instant now) {
    List<ProviderRecord> expired =
        byKey.values().stream()
            .map(Map::values)
            .flatMap(Collection::stream)
            .filter(record -> !record.expires().isAfter(now))
            .toList();
    expired.forEach(this::remove);
  }

  public int size() {
    return size;
  }

  /** How many keys have a record. */
  public int keys() {
    return byKey.size();
  }
}
