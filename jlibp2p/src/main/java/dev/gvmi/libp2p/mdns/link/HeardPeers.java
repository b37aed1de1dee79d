package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The peers that were heard of on a network. <b>Thread:</b> its owner's. */
final class HeardPeers {
  private static final long LONGEST_SECONDS = Duration.ofHours(1).toSeconds();

  private final MdnsConfig config;
  private final PeerId self;
  private final LinkNet net;
  private final Tokens reports;

  /** Whoever was silent longest comes first. */
  private final LinkedHashMap<PeerId, Heard> heard = new LinkedHashMap<>();

  private record Heard(DnsName instance, int ttlSeconds, Instant at, Instant reported) {
    private long leftSeconds(Instant now) {
      return ttlSeconds - Duration.between(at, now).toSeconds();
    }

    /** It need not say again that it is there. */
    private boolean isFresh(Instant now) {
      return 2 * leftSeconds(now) >= ttlSeconds && ttlSeconds > 0;
    }
  }

  HeardPeers(MdnsConfig config, PeerId self, LinkNet net, Instant now) {
    this.config = config;
    this.self = self;
    this.net = net;
    this.reports = new Tokens(config.limits().reportsPerSecond(), now);
  }

  int size() {
    return heard.size();
  }

  /** Takes in what a response says; tells of those that were not told of for long. */
  List<LinkAction> take(DnsMessage response, Instant now) {
    List<LinkAction> found = new ArrayList<>();
    Map<DnsName, List<Multiaddr>> addresses = addresses(response);
    for (DnsRecord record : response.answers()) {
      if (record instanceof DnsRecord.Ptr ptr && ptr.name().equals(config.service())) {
        List<Multiaddr> told = addresses.remove(ptr.target()); // a target counts once
        if (told != null) {
          take(ptr, told, now).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  /** The addresses of all that were told with a peer, by the names of their records. */
  private Map<DnsName, List<Multiaddr>> addresses(DnsMessage response) {
    Map<DnsName, List<Multiaddr>> addresses = new HashMap<>();
    int left = config.limits().texts();
    for (List<DnsRecord> section : List.of(response.answers(), response.additionals())) {
      for (DnsRecord record : section) {
        if (record instanceof DnsRecord.Txt txt) {
          List<String> texts = txt.texts().stream().limit(left).toList();
          left -= texts.size();
          List<Multiaddr> told = addresses.computeIfAbsent(txt.name(), name -> new ArrayList<>());
          texts.forEach(text -> OwnRecords.address(text).ifPresent(told::add));
        }
      }
    }
    return addresses;
  }

  private Optional<LinkAction> take(DnsRecord.Ptr ptr, List<Multiaddr> told, Instant now) {
    Optional<PeerId> peer = told.stream().flatMap(address -> peer(address).stream()).findFirst();
    if (peer.isEmpty() || peer.get().equals(self)) {
      return Optional.empty();
    }
    List<Multiaddr> usable =
        told.stream()
            .filter(address -> peer(address).equals(peer) && net.isNear(address))
            .map(Multiaddr::withoutP2p)
            .distinct()
            .limit(config.limits().addresses())
            .toList();
    return usable.isEmpty() ? Optional.empty() : take(peer.get(), ptr, usable, now);
  }

  private static Optional<PeerId> peer(Multiaddr address) {
    try {
      return PeerId.of(address);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<LinkAction> take(
      PeerId peer, DnsRecord.Ptr ptr, List<Multiaddr> usable, Instant now) {
    Heard before = heard.remove(peer);
    if (ptr.ttlSeconds() == 0) {
      return Optional.empty(); // it says good-bye
    }
    Instant reported = before == null ? Instant.MIN : before.reported();
    boolean report =
        (before == null || !reported.plus(config.reportInterval()).isAfter(now))
            && reports.take(now);
    int ttlSeconds = (int) Math.min(ptr.ttlSeconds(), LONGEST_SECONDS);
    heard.put(peer, new Heard(ptr.target(), ttlSeconds, now, report ? now : reported));
    if (heard.size() > config.limits().peers()) {
      heard.pollFirstEntry();
    }
    return report ? Optional.of(new LinkAction.Found(peer, usable)) : Optional.empty();
  }

  /** What a query says that it knows: those heard of last. */
  List<DnsRecord> known(Instant now) {
    return heard.sequencedValues().reversed().stream()
        .filter(peer -> peer.isFresh(now))
        .limit(config.limits().knownAnswers())
        .map(peer ->
            (DnsRecord)
                new DnsRecord.Ptr(config.service(), (int) peer.leftSeconds(now), peer.instance()))
        .toList();
  }

  /**
   * Whether all that somebody else knows is known here, or this peer itself: what is answered then
   * is all that we need, too.
   */
  boolean knowsAll(List<DnsRecord> told, DnsName own, Instant now) {
    Set<DnsName> known =
        heard.values().stream()
            .filter(peer -> peer.isFresh(now))
            .map(Heard::instance)
            .collect(Collectors.toSet());
    known.add(own);
    return told.stream()
        .allMatch(record -> record instanceof DnsRecord.Ptr ptr && known.contains(ptr.target()));
  }
}
