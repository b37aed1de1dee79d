package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Forgets with the process. For a node that need not remember, and for tests. */
public final class MemoryProviderStore implements ProviderStore {
  private record Slot(KadKey key, PeerId provider) {}

  private final Map<Slot, ProviderRecord> records = new LinkedHashMap<>();
  private final Map<KadKey, Instant> provided = new HashMap<>();

  private static Slot slot(ProviderRecord record) {
    return new Slot(record.key(), record.provider().id());
  }

  @Override
  public synchronized Collection<ProviderRecord> records() {
    return List.copyOf(records.values());
  }

  @Override
  public synchronized void put(ProviderRecord record) {
    records.put(slot(record), record);
  }

  @Override
  public synchronized void remove(ProviderRecord record) {
    records.remove(slot(record));
  }

  @Override
  public synchronized Map<KadKey, Instant> provided() {
    return Map.copyOf(provided);
  }

  @Override
  public synchronized void putProvided(KadKey key, Instant announced) {
    provided.put(key, announced);
  }

  @Override
  public synchronized void removeProvided(KadKey key) {
    provided.remove(key);
  }
}
