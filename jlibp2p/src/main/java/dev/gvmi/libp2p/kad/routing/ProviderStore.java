package dev.gvmi.libp2p.kad.routing;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * Keeps provider records, and what this node provides itself, over a restart. {@link
 * ProviderRecords} and {@link ProvideSchedule} hold all of it in memory, with the limits, and read
 * it from here once.
 *
 * <p><b>Thread:</b> one call at a time. A call must not wait long, for it holds up the node; what
 * the last seconds before a crash wrote may be lost.
 */
public interface ProviderStore {
  /** Every record, expired ones too. */
  Collection<ProviderRecord> records();

  /** Adds the record; replaces the one with this key and provider. */
  void put(ProviderRecord record);

  void remove(ProviderRecord record);

  /**
   * Keys that this node provides, and when they were last announced ({@link Instant#EPOCH}: never).
   */
  Map<KadKey, Instant> provided();

  void putProvided(KadKey key, Instant announced);

  void removeProvided(KadKey key);
}
