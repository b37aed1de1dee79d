package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Instant;
import java.util.List;

/** What happens to a {@link LinkSession}. Times never go back. */
public sealed interface LinkEvent {
  Instant now();

  /** From port 5353 of a machine on this network, which may be this one. */
  record Received(Instant now, DnsMessage message) implements LinkEvent {}

  /**
   * It is as late as {@link LinkSession#next} said.
   *
   * @param own where this peer listens, on this network or elsewhere
   */
  record Due(Instant now, List<Multiaddr> own) implements LinkEvent {}
}
