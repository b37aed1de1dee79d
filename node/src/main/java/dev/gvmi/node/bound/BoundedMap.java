package dev.gvmi.node.bound;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map of so many entries at most: one that comes when it is full takes the place of another.
 * Iterates from the one that is forgotten next.
 *
 * <p><b>Thread:</b> one at a time, for reads too; the owner locks.
 */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1;

  private final int most;

  private BoundedMap(int most, boolean byUse) {
    super(16, 0.75f, byUse);
    this.most = most;
  }

  /**
   * Forgets the entry that came first; a new value for a key that is there leaves the key its
   * place.
   */
  public static <K, V> Map<K, V> forgettingOldest(int most) {
    return new BoundedMap<>(most, false);
  }

  /** Forgets the entry that was put or asked for least recently. */
  public static <K, V> Map<K, V> forgettingLeastUsed(int most) {
    return new BoundedMap<>(most, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
