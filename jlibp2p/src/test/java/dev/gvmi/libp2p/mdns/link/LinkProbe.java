package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A session in virtual time, on a network 10.77.0.0/24 where it is 10.77.0.1. */
final class LinkProbe {
  static final MdnsConfig CONFIG = MdnsConfig.DEFAULT;
  static final DnsName SERVICE = CONFIG.service();
  static final PeerId SELF = peer(0);
  static final String LABEL = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6";
  static final DnsName INSTANCE = SERVICE.child(LABEL);
  static final DnsName HOST = DnsName.of(LABEL + ".local");
  static final DnsName TYPES = DnsName.of("_services._dns-sd._udp.local");
  static final LinkNet NET =
      new LinkNet(
          List.of(
              new LinkNet.Subnet(ip("10.77.0.1"), 24), new LinkNet.Subnet(ip("2001:db8::1"), 64)));

  private final LinkSession session;
  private final List<Sent> sent = new ArrayList<>();
  private final List<LinkAction.Found> found = new ArrayList<>();
  private List<Multiaddr> own = addresses("/ip4/10.77.0.1/tcp/4001", "/ip4/127.0.0.1/tcp/4001");
  private Instant now = Instant.EPOCH;

  record Sent(Instant at, DnsMessage message) {}

  LinkProbe() {
    this(CONFIG);
  }

  LinkProbe(MdnsConfig config) {
    session = new LinkSession(config, SELF, LABEL, NET, new Random(7), now);
  }

  static PeerId peer(int number) {
    byte[] key = new byte[36];
    key[35] = (byte) number;
    key[34] = (byte) (number >> 8);
    return PeerId.of(Multihash.of(Multihash.IDENTITY, key));
  }

  static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static List<Multiaddr> addresses(String... texts) {
    return Stream.of(texts).map(Multiaddr::parse).toList();
  }

  static DnsMessage query(DnsName name, int type, DnsRecord... known) {
    return DnsMessage.query(new DnsQuestion(name, type, false), List.of(known));
  }

  static DnsName instance(int peer) {
    return SERVICE.child("peer" + peer);
  }

  /** As a peer of that number answers that it is there. */
  static DnsMessage here(int peer, String... addresses) {
    return here(peer, 120, addresses);
  }

  static DnsMessage here(int peer, int ttlSeconds, String... addresses) {
    List<String> texts =
        Stream.of(addresses).map(address -> "dnsaddr=" + address + "/p2p/" + peer(peer)).toList();
    return DnsMessage.response(
        List.of(new DnsRecord.Ptr(SERVICE, ttlSeconds, instance(peer))),
        List.of(new DnsRecord.Txt(instance(peer), ttlSeconds, texts)));
  }

  LinkProbe listeningOn(String... addresses) {
    own = addresses(addresses);
    return this;
  }

  Instant now() {
    return now;
  }

  /** Lets time pass. */
  LinkProbe pass(Duration time) {
    Instant end = now.plus(time);
    while (!session.next().isAfter(end)) {
      now = session.next();
      take(session.on(new LinkEvent.Due(now, own)));
    }
    now = end;
    return this;
  }

  LinkProbe receive(DnsMessage message) {
    take(session.on(new LinkEvent.Received(now, message)));
    return this;
  }

  private void take(List<LinkAction> actions) {
    for (LinkAction action : actions) {
      switch (action) {
        case LinkAction.Send send -> sent.add(new Sent(now, send.message()));
        case LinkAction.Found one -> found.add(one);
      }
    }
  }

  /**
   * Until queries are as far apart as they get, and one has just been answered; nothing is left of
   * what was sent.
   */
  LinkProbe settled() {
    pass(Duration.ofMinutes(10));
    sent.clear();
    while (queries().isEmpty()) {
      pass(Duration.ofSeconds(1));
    }
    pass(Duration.ofSeconds(2));
    sent.clear();
    return this;
  }

  int peers() {
    return session.peers();
  }

  List<LinkAction.Found> found() {
    return found;
  }

  List<Sent> queries() {
    return sent.stream().filter(s -> !s.message().response()).toList();
  }

  List<Sent> responses() {
    return sent.stream().filter(s -> s.message().response()).toList();
  }
}
