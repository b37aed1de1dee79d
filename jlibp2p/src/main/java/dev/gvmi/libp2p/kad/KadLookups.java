package dev.gvmi.libp2p.kad;

/**
 * What finding providers has taken since the start.
 *
 * @param lookups that have ended
 * @param requests to other nodes, of all of them
 * @param hops of all of them: how many nodes, one after the other, it took to hear of the farthest
 *     that answered
 */
public record KadLookups(long lookups, long requests, long hops) {
  static final KadLookups NONE = new KadLookups(0, 0, 0);

  KadLookups plus(int requestsMore, int hopsMore) {
    return new KadLookups(lookups + 1, requests + requestsMore, hops + hopsMore);
  }
}
