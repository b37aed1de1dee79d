package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What this peer answers, by what was asked. All addresses are texts of one TXT record: some
 * implementations keep only one of several.
 */
final class OwnRecords {
  private static final DnsName ALL_SERVICES = DnsName.of("_services._dns-sd._udp.local");
  private static final String ADDRESS = "dnsaddr=";
  private static final int MAX_TEXT_BYTES = 255;

  /** With what goes beside it, a response fits into one Ethernet frame. */
  private static final int MAX_TEXTS_BYTES = 900;

  private final MdnsConfig config;
  private final PeerId self;
  private final DnsName instance;
  private final DnsName host;

  /** What others can want to know of us. */
  enum Asked {
    INSTANCE,
    SERVICE_TYPE,
    TXT,
    SRV,
    HOST
  }

  /**
   * Of this peer.
   *
   * @param label its name among those of the service
   */
  OwnRecords(MdnsConfig config, PeerId self, String label) {
    this.config = config;
    this.self = self;
    this.instance = config.service().child(label);
    this.host = DnsName.of(label + ".local");
  }

  DnsName instance() {
    return instance;
  }

  /** Which of ours a query asks for, without what the asker knows. */
  Set<Asked> asked(DnsMessage query) {
    EnumSet<Asked> asked = EnumSet.noneOf(Asked.class);
    for (DnsQuestion question : query.questions()) {
      if (question.asksFor(config.service(), DnsRecord.PTR)) {
        asked.add(Asked.INSTANCE);
      }
      if (question.asksFor(ALL_SERVICES, DnsRecord.PTR)) {
        asked.add(Asked.SERVICE_TYPE);
      }
      if (question.asksFor(instance, DnsRecord.TXT)) {
        asked.add(Asked.TXT);
      }
      if (question.asksFor(instance, DnsRecord.SRV)) {
        asked.add(Asked.SRV);
      }
      if (question.asksFor(host, DnsRecord.A) || question.asksFor(host, DnsRecord.AAAA)) {
        asked.add(Asked.HOST);
      }
    }
    asked.removeAll(told(query));
    return asked;
  }

  /**
   * Which of ours, that others may tell too or know, a message tells, for at least half as long as
   * we would.
   */
  Set<Asked> told(DnsMessage message) {
    EnumSet<Asked> told = EnumSet.noneOf(Asked.class);
    for (DnsRecord record : message.answers()) {
      if (record instanceof DnsRecord.Ptr ptr && 2L * ptr.ttlSeconds() >= config.ttlSeconds()) {
        if (ptr.equals(instancePtr(ptr.ttlSeconds()))) {
          told.add(Asked.INSTANCE);
        } else if (ptr.equals(typePtr(ptr.ttlSeconds()))) {
          told.add(Asked.SERVICE_TYPE);
        }
      }
    }
    return told;
  }

  private DnsRecord instancePtr(int ttlSeconds) {
    return new DnsRecord.Ptr(config.service(), ttlSeconds, instance);
  }

  private DnsRecord typePtr(int ttlSeconds) {
    return new DnsRecord.Ptr(ALL_SERVICES, ttlSeconds, config.service());
  }

  /**
   * The response, empty if there is nothing to tell.
   *
   * @param own where this peer listens on this network
   */
  Optional<DnsMessage> response(Set<Asked> asked, List<Multiaddr> own) {
    List<Multiaddr> told = own.stream().limit(config.limits().addresses()).toList();
    List<String> texts = texts(told);
    if (texts.isEmpty() || asked.isEmpty()) {
      return Optional.empty();
    }
    EnumSet<Asked> beside = EnumSet.noneOf(Asked.class);
    if (asked.contains(Asked.INSTANCE)) {
      beside.addAll(List.of(Asked.TXT, Asked.SRV, Asked.HOST));
    }
    if (asked.contains(Asked.SRV)) {
      beside.add(Asked.HOST);
    }
    beside.removeAll(asked);
    return Optional.of(
        DnsMessage.response(records(asked, told, texts), records(beside, told, texts)));
  }

  private List<DnsRecord> records(Set<Asked> asked, List<Multiaddr> told, List<String> texts) {
    int ttl = config.ttlSeconds();
    List<DnsRecord> records = new ArrayList<>();
    for (Asked one : asked) {
      switch (one) {
        case INSTANCE -> records.add(instancePtr(ttl));
        case SERVICE_TYPE -> records.add(typePtr(ttl));
        case TXT -> records.add(new DnsRecord.Txt(instance, ttl, texts));
        case SRV ->
            ports(told).forEach(port -> records.add(new DnsRecord.Srv(instance, ttl, port, host)));
        case HOST -> ips(told).forEach(ip -> records.add(new DnsRecord.Address(host, ttl, ip)));
      }
    }
    return records;
  }

  private List<String> texts(List<Multiaddr> told) {
    List<String> texts = new ArrayList<>();
    int bytes = 0;
    for (Multiaddr address : told) {
      String text = ADDRESS + address.withP2p(self.multihash());
      bytes += 1 + text.length();
      if (text.length() <= MAX_TEXT_BYTES && bytes <= MAX_TEXTS_BYTES) {
        texts.add(text);
      }
    }
    return texts;
  }

  private static List<Integer> ports(List<Multiaddr> told) {
    return told.stream()
        .flatMap(address -> address.tcpAddress().stream())
        .map(InetSocketAddress::getPort)
        .distinct()
        .toList();
  }

  private static List<InetAddress> ips(List<Multiaddr> told) {
    return told.stream().flatMap(address -> address.ip().stream()).distinct().toList();
  }

  /** The address that a text of a TXT record tells; empty if it tells something else. */
  static Optional<Multiaddr> address(String text) {
    if (!text.startsWith(ADDRESS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Multiaddr.parse(text.substring(ADDRESS.length())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
