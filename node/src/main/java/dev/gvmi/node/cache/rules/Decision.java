package dev.gvmi.node.cache.rules;

import java.util.List;

/** What is done about a claim. */
public sealed interface Decision {
  /**
   * There is room.
   *
   * @param revoked granted before, for sizes that nobody confirmed; they have to stop
   */
  record Granted(List<Claim> revoked) implements Decision {
    public Granted {
      revoked = List.copyOf(revoked);
    }
  }

  /** There is room once these are gone, in this order. */
  record Evict(List<CacheItem> victims) implements Decision {
    public Evict {
      victims = List.copyOf(victims);
    }
  }

  /** There is no room, and nothing is evicted in vain. */
  record Refused(Refusal refusal) implements Decision {}
}
