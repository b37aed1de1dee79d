package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The peers that a node knows, by how many leading bits their points share with its own: one bucket
 * of k for each number.
 *
 * <p>A peer that is alive is never replaced, because one that has been there long is likely to
 * stay, and because nobody can push the honest out by coming later in numbers. At most two peers of
 * an {@link IpGroup} are held; only a table of fewer than k peers takes more, so that a small
 * network in one rack works, and gives them up when others come.
 *
 * <p>A peer that fails once is not told to others and is replaced by whoever comes; it is dropped
 * when it fails again.
 *
 * <p><b>Thread:</b> its owner's.
 */
public final class RoutingTable {
  private final KadId self;
  private final TableLimits limits;
  private final @Nullable Bucket[] buckets = new @Nullable Bucket[KadId.BITS];
  private final Map<PeerId, Entry> byId = new HashMap<>();
  private final Map<IpGroup, Integer> perGroup = new HashMap<>();
  private Instant refreshed = Instant.MIN;

  /** Peers beyond the limits of their groups. */
  private int surplus;

  public RoutingTable(KadId self, TableLimits limits) {
    this.self = self;
    this.limits = limits;
  }

  /** What became of a peer that was offered. */
  public enum Offer {
    ADDED,
    KNOWN,
    /** The bucket is full of living peers. */
    FULL,
    /** Its IP group has as many as it may, or it is this node itself, or it has no address. */
    REFUSED
  }

  private static final class Bucket {
    private final List<Entry> entries = new ArrayList<>(4);
    private Instant refreshed = Instant.MIN;
  }

  private static final class Entry {
    private KadPeer peer;
    private final Set<IpGroup> groups;
    private Instant seen;
    private int failures;

    private Entry(KadPeer peer, Set<IpGroup> groups, Instant seen) {
      this.peer = peer;
      this.groups = groups;
      this.seen = seen;
    }
  }

  /**
   * A peer that answered, or was asked by us and is a server.
   *
   * @param via the address that the connection leads to: it is true, while those that a peer lists
   *     are claims
   */
  public Offer offer(KadPeer peer, Multiaddr via, Instant now) {
    Entry known = byId.get(peer.id());
    if (known != null) {
      known.peer = peer.addresses().isEmpty() ? known.peer : peer;
      known.seen = now;
      known.failures = 0;
      return Offer.KNOWN;
    }
    if (peer.point().equals(self) || peer.addresses().isEmpty()) {
      return Offer.REFUSED;
    }
    return add(new Entry(peer, IpGroup.of(List.of(via)), now));
  }

  private Offer add(Entry entry) {
    boolean crowded = crowded(entry.groups);
    if (crowded && size() >= limits.bucket()) {
      return Offer.REFUSED;
    }
    Bucket bucket = bucket(self.commonPrefix(entry.peer.point()));
    if (bucket.entries.size() >= limits.bucket()) {
      Optional<Entry> out = replaceable(bucket, crowded);
      if (out.isEmpty()) {
        return Offer.FULL;
      }
      drop(out.get());
    }
    bucket.entries.add(entry);
    byId.put(entry.peer.id(), entry);
    for (IpGroup group : entry.groups) {
      if (perGroup.merge(group, 1, Integer::sum) > limits.perGroup()) {
        surplus++;
      }
    }
    thinOut();
    return Offer.ADDED;
  }

  /** One that failed, or one too many of its group. */
  private Optional<Entry> replaceable(Bucket bucket, boolean crowded) {
    return bucket.entries.stream()
        .filter(entry -> entry.failures > 0 || (!crowded && overcrowded(entry)))
        .max(Comparator.comparingInt(entry -> entry.failures));
  }

  private boolean crowded(Set<IpGroup> groups) {
    return groups.stream().anyMatch(g -> perGroup.getOrDefault(g, 0) >= limits.perGroup());
  }

  private boolean overcrowded(Entry entry) {
    return surplus > 0
        && entry.groups.stream().anyMatch(g -> perGroup.getOrDefault(g, 0) > limits.perGroup());
  }

  /** From k peers on the limit of groups holds strictly: those that came last go. */
  private void thinOut() {
    while (size() > limits.bucket() && surplus > 0) {
      Optional<Entry> last =
          byId.values().stream()
              .filter(this::overcrowded)
              .max(
                  Comparator.comparing((Entry entry) -> entry.seen)
                      .thenComparing(e -> e.peer.id()));
      if (last.isEmpty()) {
        return;
      }
      drop(last.get());
    }
  }

  private Bucket bucket(int index) {
    Bucket bucket = buckets[index];
    if (bucket == null) {
      bucket = new Bucket();
      buckets[index] = bucket;
    }
    return bucket;
  }

  private void drop(Entry entry) {
    byId.remove(entry.peer.id());
    bucket(self.commonPrefix(entry.peer.point())).entries.remove(entry);
    for (IpGroup group : entry.groups) {
      int count = perGroup.getOrDefault(group, 0);
      surplus -= count > limits.perGroup() ? 1 : 0;
      if (count > 1) {
        perGroup.put(group, count - 1);
      } else {
        perGroup.remove(group);
      }
    }
  }

  /** Whether {@link #offer} would add or renew this peer, reached at that address. */
  public boolean wants(KadPeer peer, Multiaddr via) {
    if (byId.containsKey(peer.id())) {
      return true;
    }
    if (peer.point().equals(self) || peer.addresses().isEmpty()) {
      return false;
    }
    boolean crowded = crowded(IpGroup.of(List.of(via)));
    if (crowded && size() >= limits.bucket()) {
      return false;
    }
    Bucket bucket = buckets[self.commonPrefix(peer.point())];
    return bucket == null
        || bucket.entries.size() < limits.bucket()
        || replaceable(bucket, crowded).isPresent();
  }

  /** It answered. */
  public void seen(PeerId peer, Instant now) {
    Entry entry = byId.get(peer);
    if (entry != null) {
      entry.seen = now;
      entry.failures = 0;
    }
  }

  /** It did not answer, or could not be reached. True if it is dropped for that. */
  public boolean failed(PeerId peer) {
    Entry entry = byId.get(peer);
    if (entry == null || ++entry.failures < limits.failures()) {
      return false;
    }
    drop(entry);
    return true;
  }

  /** It is no server any more. */
  public void remove(PeerId peer) {
    Entry entry = byId.get(peer);
    if (entry != null) {
      drop(entry);
    }
  }

  public Optional<KadPeer> find(PeerId peer) {
    return Optional.ofNullable(byId.get(peer)).map(entry -> entry.peer);
  }

  public int size() {
    return byId.size();
  }

  /**
   * At most {@code count} peers that never failed and satisfy {@code which}, the nearest to {@code
   * target} first.
   */
  public List<KadPeer> closest(KadId target, int count, Predicate<KadPeer> which) {
    List<KadPeer> found = new ArrayList<>(count);
    int own = Math.min(self.commonPrefix(target), KadId.BITS - 1);
    // Those of the target's own bucket are nearest; those of all later ones are as far as each
    // other; then bucket by bucket.
    take(found, target, count, which, own, own + 1);
    take(found, target, count, which, own + 1, KadId.BITS);
    for (int i = own - 1; i >= 0 && found.size() < count; i--) {
      take(found, target, count, which, i, i + 1);
    }
    return found;
  }

  private void take(
      List<KadPeer> found, KadId target, int count, Predicate<KadPeer> which, int from, int to) {
    if (found.size() >= count) {
      return;
    }
    List<KadPeer> group = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Bucket bucket = buckets[i];
      if (bucket == null) {
        continue;
      }
      for (Entry entry : bucket.entries) {
        if (entry.failures == 0 && which.test(entry.peer)) {
          group.add(entry.peer);
        }
      }
    }
    group.sort((left, right) -> target.compareDistance(left.point(), right.point()));
    found.addAll(group.subList(0, Math.min(group.size(), count - found.size())));
  }

  /**
   * At most {@code count} peers that failed, or were not heard of for long, the longest first: ask
   * whether they are there.
   */
  public List<KadPeer> unsure(Instant now, int count) {
    return byId.values().stream()
        .filter(e -> e.failures > 0 || !e.seen.plus(limits.checkAfter()).isAfter(now))
        .sorted(Comparator.comparing((Entry e) -> e.seen).thenComparing(e -> e.peer.id()))
        .limit(count)
        .map(e -> e.peer)
        .toList();
  }

  /** Whether the own neighbourhood is to be refreshed, by looking up the own id. */
  public boolean isStale(Instant now) {
    return !since(refreshed, now);
  }

  /** The own id was looked up. */
  public void refreshed(Instant now) {
    refreshed = now;
  }

  /**
   * The other buckets to refresh, by looking up a random key of each: those up to {@code last} that
   * hold peers farther than the k nearest, which looking up the own id finds.
   */
  public List<Integer> stale(Instant now, int last) {
    List<Integer> stale = new ArrayList<>();
    for (int i = Math.min(last, neighbourhood()); i >= 0; i--) {
      Bucket bucket = buckets[i];
      if (bucket == null || !since(bucket.refreshed, now)) {
        stale.add(i);
      }
    }
    return stale;
  }

  /** A table of fewer than k peers is refreshed ten times as often. */
  private boolean since(Instant when, Instant now) {
    Duration interval = limits.refreshAfter();
    return when.isAfter(now.minus(size() < limits.bucket() ? interval.dividedBy(10) : interval));
  }

  /** The bucket that the last of the k nearest is in; -1 if there are fewer. */
  private int neighbourhood() {
    int nearest = 0;
    for (int i = KadId.BITS - 1; i >= 0; i--) {
      Bucket bucket = buckets[i];
      nearest += bucket == null ? 0 : bucket.entries.size();
      if (nearest >= limits.bucket()) {
        return i;
      }
    }
    return -1;
  }

  /** A key of this bucket was looked up. */
  public void refreshed(int bucket, Instant now) {
    bucket(bucket).refreshed = now;
  }

  /** All peers, in no order. */
  public Stream<KadPeer> peers() {
    return byId.values().stream().map(entry -> entry.peer);
  }
}
