package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsLimits;

/**
 * What discovery by multicast DNS takes on.
 *
 * @param message what one message may hold
 * @param texts that are read of one message
 * @param addresses of one peer, and of our own on one network
 * @param peers remembered of one network; who was silent longest is forgotten first
 * @param knownAnswers told in a query
 * @param reportsPerSecond peers told of, on one network; four times as many at once
 * @param messagesPerSecond read on one network, what is over waits or is lost in the kernel; four
 *     times as many at once
 * @param links networks, each address family for itself
 */
public record MdnsLimits(
    DnsLimits message,
    int texts,
    int addresses,
    int peers,
    int knownAnswers,
    int reportsPerSecond,
    int messagesPerSecond,
    int links) {
  public static final MdnsLimits DEFAULT =
      new MdnsLimits(DnsLimits.DEFAULT, 64, 16, 256, 16, 16, 100, 64);

  public MdnsLimits {
    if (Math.min(Math.min(texts, addresses), Math.min(peers, links)) < 1
        || Math.min(reportsPerSecond, messagesPerSecond) < 1
        || knownAnswers < 0) {
      throw new IllegalArgumentException("limits must be at least 1: peers=" + peers);
    }
  }
}
