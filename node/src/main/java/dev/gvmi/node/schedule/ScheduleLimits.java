package dev.gvmi.node.schedule;

/**
 * How much may be under way, in chunks of 256 KiB.
 *
 * @param newPeer outstanding at a peer until its first chunk is verified
 * @param perPeer outstanding at a peer at most
 * @param inAll outstanding at all peers at most
 * @param perRequest chunks in one request
 * @param openSegments segments that are begun before others are finished, as long as nobody idles
 */
public record ScheduleLimits(
    int newPeer, int perPeer, int inAll, int perRequest, int openSegments) {
  public static final ScheduleLimits DEFAULT = new ScheduleLimits(4, 64, 256, 4, 16);

  /** Chunks from where somebody reads that are asked for in order before any others: 16 MiB. */
  static final int READ_AHEAD = 64;

  public ScheduleLimits {
    if (newPeer < 1 || perPeer < newPeer || inAll < perPeer || perRequest < 1 || openSegments < 1) {
      throw new IllegalArgumentException("limits contradict each other");
    }
  }
}
