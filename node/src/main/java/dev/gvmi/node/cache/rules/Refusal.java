package dev.gvmi.node.cache.rules;

/**
 * Why there is no room.
 *
 * @param neededBytes more than what is here
 * @param roomBytes what could be had
 * @param pinnedBytes held by images that are pinned
 * @param leasedBytes held by images that are in use and not pinned
 * @param reservedBytes promised to fetches and imports that run
 */
public record Refusal(
    Cause cause,
    Quota quota,
    long neededBytes,
    long roomBytes,
    long pinnedBytes,
    long leasedBytes,
    long reservedBytes) {
  /** What the room ends at. */
  public enum Cause {
    QUOTA,
    DISK,
    /**
     * There would be room if images were evicted, which they are not for a size that may be a lie.
     */
    UNCONFIRMED
  }

  /** In words that end a sentence about what needs the room. */
  public String text() {
    return switch (cause) {
      case DISK ->
          "only " + roomBytes + " bytes are free; free some space or move the data directory";
      case UNCONFIRMED ->
          "only "
              + roomBytes
              + " bytes of the quota of "
              + quota.bytes()
              + " are free, and nothing is evicted for a size that nobody trusted confirms; name a holder with --peer, or raise the quota";
      case QUOTA ->
          neededBytes
              + " more are needed and the quota is "
              + quota.bytes()
              + " bytes, of which "
              + pinnedBytes
              + " are pinned, "
              + leasedBytes
              + " in use and "
              + reservedBytes
              + " reserved; unpin or remove images, or raise the quota";
    };
  }
}
