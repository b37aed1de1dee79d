package dev.gvmi.libp2p.mdns.link;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.mdns.link.OwnRecords.Asked;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A peer's part in multicast DNS on one network and by one address family: asks who is there,
 * answers those who ask, and tells whom it hears of.
 *
 * <p>It asks at once, then less and less often, and names peers that it knows, so that they need
 * not answer. Each of its queries is followed by its own answer: thus the others hear of it. When
 * somebody else asks the same, that is as good as asking. All answers go to the group, a moment
 * later and not more than one a second, whatever was asked meanwhile: a flood of questions has no
 * more answers than one question, and nobody can direct an answer to somebody else.
 *
 * <p><b>Thread:</b> its owner's.
 *
 * <p><b>Source:</b> libp2p discovery mDNS; RFC 6762 sections 5.2, 6, 7.
 */
public final class LinkSession {
  private static final Duration LEAST_DELAY = Duration.ofMillis(20);
  private static final Duration MOST_DELAY = Duration.ofMillis(120);

  /** After a query whose known answers do not end with it. */
  private static final Duration TRUNCATED_DELAY = Duration.ofMillis(400);

  private static final Duration BETWEEN_ANSWERS = Duration.ofSeconds(1);

  private final MdnsConfig config;
  private final LinkNet net;
  private final OwnRecords records;
  private final HeardPeers heard;
  private final RandomGenerator random;
  private final EnumSet<Asked> asked = EnumSet.noneOf(Asked.class);
  private Duration interval;
  private Instant nextQuery;
  private Instant nextAnswer = Instant.MAX;
  private Instant mayAnswer;

  /**
   * The first query is a moment away.
   *
   * @param label the name of this peer among those of the service, random, 32 to 63 small letters
   *     and digits
   */
  public LinkSession(
      MdnsConfig config,
      PeerId self,
      String label,
      LinkNet net,
      RandomGenerator random,
      Instant now) {
    this.config = config;
    this.net = net;
    this.records = new OwnRecords(config, self, label);
    this.heard = new HeardPeers(config, self, net, now);
    this.random = random;
    this.interval = config.firstInterval();
    this.nextQuery = now.plus(delay());
    this.mayAnswer = now;
  }

  /** When it has something to do unless a message comes before. */
  public Instant next() {
    return nextQuery.isBefore(nextAnswer) ? nextQuery : nextAnswer;
  }

  /** How many peers it remembers. */
  public int peers() {
    return heard.size();
  }

  public List<LinkAction> on(LinkEvent event) {
    return switch (event) {
      case LinkEvent.Due due -> due(due.now(), due.own());
      case LinkEvent.Received received when received.message().response() ->
          response(received.message(), received.now());
      case LinkEvent.Received received -> query(received.message(), received.now());
    };
  }

  private List<LinkAction> due(Instant now, List<Multiaddr> own) {
    List<LinkAction> actions = new ArrayList<>();
    if (!nextQuery.isAfter(now)) {
      actions.add(new LinkAction.Send(ask(now)));
      planAnswer(EnumSet.of(Asked.INSTANCE), now.plus(delay()));
    }
    if (!nextAnswer.isAfter(now)) {
      List<Multiaddr> here = own.stream().filter(net::isOwn).toList();
      records
          .response(asked, here)
          .ifPresent(response -> actions.add(new LinkAction.Send(response)));
      asked.clear();
      nextAnswer = Instant.MAX;
      mayAnswer = now.plus(BETWEEN_ANSWERS);
    }
    return actions;
  }

  private DnsMessage ask(Instant now) {
    planQuery(now);
    interval = interval.multipliedBy(2);
    if (interval.compareTo(config.maxInterval()) > 0) {
      interval = config.maxInterval();
    }
    return DnsMessage.query(
        new DnsQuestion(config.service(), DnsRecord.PTR, false), heard.known(now));
  }

  /** A quarter longer at most, so that peers that started together do not stay together. */
  private void planQuery(Instant now) {
    nextQuery = now.plus(interval).plusMillis(random.nextLong(interval.toMillis() / 4 + 1));
  }

  private void planAnswer(EnumSet<Asked> more, Instant when) {
    asked.addAll(more);
    if (!asked.isEmpty() && nextAnswer.equals(Instant.MAX)) {
      nextAnswer = when.isBefore(mayAnswer) ? mayAnswer : when;
    }
  }

  private List<LinkAction> query(DnsMessage query, Instant now) {
    EnumSet<Asked> more = EnumSet.noneOf(Asked.class);
    more.addAll(records.asked(query));
    planAnswer(more, now.plus(query.truncated() ? TRUNCATED_DELAY.plus(delay()) : delay()));
    if (interval.equals(config.maxInterval()) && asksForUs(query, now)) {
      planQuery(now);
    }
    return List.of();
  }

  private boolean asksForUs(DnsMessage query, Instant now) {
    boolean same =
        query.questions().stream()
            .anyMatch(q -> q.asksFor(config.service(), DnsRecord.PTR) && !q.unicast());
    return same && heard.knowsAll(query.answers(), records.instance(), now);
  }

  /** What another has told need not be told again; this is so only of what is not ours alone. */
  private List<LinkAction> response(DnsMessage response, Instant now) {
    if (asked.contains(Asked.SERVICE_TYPE) && records.told(response).contains(Asked.SERVICE_TYPE)) {
      asked.remove(Asked.SERVICE_TYPE);
      nextAnswer = asked.isEmpty() ? Instant.MAX : nextAnswer;
    }
    return heard.take(response, now);
  }

  private Duration delay() {
    return LEAST_DELAY.plusMillis(random.nextLong(MOST_DELAY.minus(LEAST_DELAY).toMillis() + 1));
  }
}
