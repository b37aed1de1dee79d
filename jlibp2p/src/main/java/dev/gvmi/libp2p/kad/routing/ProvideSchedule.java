package dev.gvmi.libp2p.kad.routing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When each key that this node provides is to be announced: a new one at once, then once in each
 * interval, at a time of its own.
 *
 * <p>The time of a key within the interval is drawn from the key and the node, so that many keys
 * spread over the interval, and many nodes with the same key too; each announcement shifts by up to
 * a tenth of the interval. As the times count from the epoch, a restart changes none of them.
 *
 * <p><b>Thread:</b> its owner's.
 */
public final class ProvideSchedule {
  private static final int JITTER_PARTS = 10;

  private final KadId self;
  private final Duration interval;
  private final Duration retry;
  private final ProviderStore store;
  private final Map<KadKey, Instant> due = new HashMap<>();

  /**
   * With the keys of the store.
   *
   * @param retry when to try again what could not be announced
   */
  public ProvideSchedule(KadId self, Duration interval, Duration retry, ProviderStore store) {
    this.self = self;
    this.interval = interval;
    this.retry = retry;
    this.store = store;
    store.provided().forEach((key, announced) -> due.put(key, dueAfter(key, announced)));
  }

  /** Provides a key from now on. False if it did before. */
  public boolean add(KadKey key, Instant now) {
    if (due.putIfAbsent(key, now) != null) {
      return false;
    }
    store.putProvided(key, Instant.EPOCH);
    return true;
  }

  public void remove(KadKey key) {
    if (due.remove(key) != null) {
      store.removeProvided(key);
    }
  }

  public boolean contains(KadKey key) {
    return due.containsKey(key);
  }

  public int size() {
    return due.size();
  }

  /**
   * At most {@code most} keys whose time has come, the longest due first. They stay due until
   * {@link #announced} or {@link #failed}.
   */
  public List<KadKey> due(Instant now, int most) {
    List<KadKey> keys = new ArrayList<>();
    due.entrySet().stream()
        .filter(entry -> !entry.getValue().isAfter(now))
        .sorted(Map.Entry.comparingByValue())
        .limit(most)
        .forEach(entry -> keys.add(entry.getKey()));
    return keys;
  }

  /** When the next key is due. */
  public Optional<Instant> next() {
    return due.values().stream().min(Comparator.naturalOrder());
  }

  public void announced(KadKey key, Instant now) {
    if (due.containsKey(key)) {
      due.put(key, dueAfter(key, now));
      store.putProvided(key, now);
    }
  }

  public void failed(KadKey key, Instant now) {
    due.computeIfPresent(key, (k, was) -> now.plus(retry));
  }

  /** The key's first time that lies at least half an interval after {@code announced}. */
  private Instant dueAfter(KadKey key, Instant announced) {
    if (announced.equals(Instant.EPOCH)) {
      return announced;
    }
    long length = interval.toMillis();
    long phase = Math.floorMod(mixed(key, -1), length);
    long round = Math.floorDiv(announced.toEpochMilli() + length / 2 - phase, length) + 1;
    long spread = Math.max(1, 2 * length / JITTER_PARTS);
    long jitter = Math.floorMod(mixed(key, round), spread) - spread / 2;
    return Instant.ofEpochMilli(round * length + phase + jitter);
  }

  /** The same number for the same node, key and round, and as good as random otherwise. */
  private long mixed(KadKey key, long round) {
    KadId point = key.id().distance(self);
    return KadId.of(
            ByteBuffer.allocate(24).putLong(point.a()).putLong(point.b()).putLong(round).array())
        .a();
  }
}
