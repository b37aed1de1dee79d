package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsName;
import java.time.Duration;

/**
 * How discovery by multicast DNS is done.
 *
 * @param service the name that peers of one kind share
 * @param firstInterval between the first query and the second; each is twice as long as the one
 *     before
 * @param maxInterval between queries in the end
 * @param ttl how long others remember what we answer
 * @param reportInterval a peer is told of at most once in so long on one network
 * @param scan between two looks at which networks there are
 */
public record MdnsConfig(
    DnsName service,
    Duration firstInterval,
    Duration maxInterval,
    Duration ttl,
    Duration reportInterval,
    Duration scan,
    MdnsLimits limits) {
  public static final MdnsConfig DEFAULT =
      new MdnsConfig(
          DnsName.of("_p2p._udp.local"),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          MdnsLimits.DEFAULT);

  /** Among the peers of another name, such as {@code _p2p-test._udp.local}. */
  public MdnsConfig withService(String name) {
    return new MdnsConfig(
        DnsName.of(name), firstInterval, maxInterval, ttl, reportInterval, scan, limits);
  }

  int ttlSeconds() {
    return (int) ttl.toSeconds();
  }
}
