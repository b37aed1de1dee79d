package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who provides what, as others said: bounded by key, peer, IP group and in all, each record for a
 * limited time.
 *
 * <p>When a key has as many providers as it may, one of the IP group with the most of them gives
 * way to one of a group with fewer: one rack of made-up peers cannot fill it. Likewise when there
 * are as many records as there may be in all.
 *
 * <p><b>Thread:</b> its owner's.
 */
public final class ProviderRecords {
  private final ProviderLimits limits;
  private final ProviderStore store;
  private final Map<KadKey, Map<PeerId, ProviderRecord>> byKey = new HashMap<>();
  private final Map<PeerId, Integer> perPeer = new HashMap<>();
  private final Map<IpGroup, Set<ProviderRecord>> byGroup = new HashMap<>();
  private int size;

  /** Nothing expires before. */
  private Instant firstExpiry = Instant.MAX;

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
    }
    if (!fits(record) && !makesRoom(record, now)) {
      if (old != null) {
        enter(old);
      }
      return false;
    }
    enter(record);
    store.put(record);
    return true;
  }

  private boolean fits(ProviderRecord record) {
    return size < limits.total()
        && withinShares(record)
        && byKey.getOrDefault(record.key(), Map.of()).size() < limits.perKey();
  }

  private boolean withinShares(ProviderRecord record) {
    return perPeer.getOrDefault(record.provider().id(), 0) < limits.perPeer()
        && ofGroup(record.group()).size() < limits.perGroup();
  }

  private Set<ProviderRecord> ofGroup(IpGroup group) {
    return byGroup.getOrDefault(group, Set.of());
  }

  private boolean makesRoom(ProviderRecord record, Instant now) {
    if (size >= limits.total() && !firstExpiry.isAfter(now)) {
      expire(now);
    }
    if (!withinShares(record)) {
      return false;
    }
    Collection<ProviderRecord> ofKey = byKey.getOrDefault(record.key(), Map.of()).values();
    boolean isKeyFull = ofKey.size() >= limits.perKey();
    if (!isKeyFull && size < limits.total()) {
      return true;
    }
    Optional<ProviderRecord> out =
        isKeyFull ? mostCrowded(ofKey, record.group()) : ofLargestGroup(record.group());
    out.ifPresent(this::remove);
    return out.isPresent();
  }

  /**
   * The one that came first of the group with the most records, if that has at least two more than
   * {@code newcomer}.
   */
  private Optional<ProviderRecord> ofLargestGroup(IpGroup newcomer) {
    int most = ofGroup(newcomer).size() + 1;
    return byGroup.values().stream()
        .max(Comparator.comparingInt(Set::size))
        .filter(records -> records.size() > most)
        .map(records -> records.iterator().next());
  }

  /**
   * The oldest of the group with the most records of the key, if that has at least two more than
   * {@code newcomer}.
   */
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
    byKey
        .computeIfAbsent(record.key(), k -> new LinkedHashMap<>())
        .put(record.provider().id(), record);
    perPeer.merge(record.provider().id(), 1, Integer::sum);
    byGroup.computeIfAbsent(record.group(), g -> new LinkedHashSet<>()).add(record);
    size++;
    if (record.expires().isBefore(firstExpiry)) {
      firstExpiry = record.expires();
    }
  }

  private void leave(ProviderRecord record) {
    Map<PeerId, ProviderRecord> ofKey = byKey.get(record.key());
    if (ofKey == null || ofKey.remove(record.provider().id()) == null) {
      return;
    }
    if (ofKey.isEmpty()) {
      byKey.remove(record.key());
    }
    perPeer.computeIfPresent(
        record.provider().id(), (peer, count) -> count == 1 ? null : count - 1);
    byGroup.computeIfPresent(
        record.group(), (group, all) -> all.remove(record) && all.isEmpty() ? null : all);
    size--;
  }

  private void remove(ProviderRecord record) {
    leave(record);
    store.remove(record);
  }

  /**
   * At most {@code most} providers of a key. Of more, those that lie nearest to {@code asker}: each
   * asker gets others, and the same ones again.
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
    if (firstExpiry.isAfter(now)) {
      return;
    }
    List<ProviderRecord> all =
        byKey.values().stream().map(Map::values).flatMap(Collection::stream).toList();
    all.stream().filter(record -> !record.expires().isAfter(now)).forEach(this::remove);
    firstExpiry =
        all.stream()
            .map(ProviderRecord::expires)
            .filter(expires -> expires.isAfter(now))
            .min(Comparator.naturalOrder())
            .orElse(Instant.MAX);
  }

  public int size() {
    return size;
  }

  /** How many keys have a record. */
  public int keys() {
    return byKey.size();
  }
}
