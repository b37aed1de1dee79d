package dev.gvmi.libp2p.mdns.link;

import static dev.gvmi.libp2p.mdns.link.LinkProbe.CONFIG;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.HOST;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.INSTANCE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.SELF;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.SERVICE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.TYPES;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.ip;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link LinkSession} answers, and when. */
final class AnswersTest {
  private static final Duration MOMENT = Duration.ofMillis(120);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final DnsRecord PTR = new DnsRecord.Ptr(SERVICE, 120, INSTANCE);
  private static final DnsRecord SRV = new DnsRecord.Srv(INSTANCE, 120, 4001, HOST);
  private static final DnsRecord A = new DnsRecord.Address(HOST, 120, ip("10.77.0.1"));
  private static final DnsRecord TXT =
      new DnsRecord.Txt(INSTANCE, 120, List.of("dnsaddr=/ip4/10.77.0.1/tcp/4001/p2p/" + SELF));

  private final LinkProbe link = new LinkProbe().settled();

  private DnsMessage answerTo(DnsMessage query) {
    link.receive(query).pass(MOMENT);
    assertThat(link.responses()).hasSize(1);
    return link.responses().getFirst().message();
  }

  @Test
  void whoAsksForPeersIsToldAllInOneMessage() {
    DnsMessage answer = answerTo(query(SERVICE, DnsRecord.PTR));
    assertThat(answer).isEqualTo(DnsMessage.response(List.of(PTR), List.of(TXT, SRV, A)));
  }

  @Test
  void whoAsksForTheTypesOfServicesIsToldOurs() {
    assertThat(answerTo(query(TYPES, DnsRecord.PTR)))
        .isEqualTo(DnsMessage.response(List.of(new DnsRecord.Ptr(TYPES, 120, SERVICE)), List.of()));
  }

  @Test
  void whoAsksForARecordIsToldIt() {
    assertThat(answerTo(query(INSTANCE, DnsRecord.TXT)))
        .isEqualTo(DnsMessage.response(List.of(TXT), List.of()));
    link.settled();
    assertThat(answerTo(query(INSTANCE, DnsRecord.SRV)))
        .isEqualTo(DnsMessage.response(List.of(SRV), List.of(A)));
    link.settled();
    assertThat(answerTo(query(HOST, DnsRecord.A)))
        .isEqualTo(DnsMessage.response(List.of(A), List.of()));
    link.settled();
    assertThat(answerTo(query(INSTANCE, DnsQuestion.ANY)))
        .isEqualTo(DnsMessage.response(List.of(TXT, SRV), List.of(A)));
  }

  @Test
  void whoAsksForSomethingElseIsNotAnswered() {
    link.receive(query(DnsName.of("_ipp._tcp.local"), DnsRecord.PTR))
        .receive(query(SERVICE, DnsRecord.TXT))
        .receive(query(LinkProbe.instance(1), DnsRecord.SRV))
        .receive(DnsMessage.response(List.of(PTR), List.of()))
        .pass(MOMENT);
    assertThat(link.responses()).isEmpty();
  }

  @Test
  void tellsOnlyAddressesOfThatNetwork() {
    link.listeningOn(
        "/ip4/127.0.0.1/tcp/1",
        "/ip4/192.168.1.1/tcp/2",
        "/ip6/2001:db8::1/tcp/3",
        "/ip4/10.77.0.2/tcp/4");
    DnsMessage answer = answerTo(query(SERVICE, DnsRecord.PTR));
    assertThat(answer.additionals())
        .contains(
            new DnsRecord.Txt(INSTANCE, 120, List.of("dnsaddr=/ip6/2001:db8::1/tcp/3/p2p/" + SELF)),
            new DnsRecord.Address(HOST, 120, ip("2001:db8::1")))
        .hasSize(3);
  }

  @Test
  void hasNoAnswerWithoutAnAddressThere() {
    link.listeningOn("/ip4/127.0.0.1/tcp/1").receive(query(SERVICE, DnsRecord.PTR)).pass(MOMENT);
    assertThat(link.responses()).isEmpty();
  }

  @Test
  void tellsAsManyAddressesAsOneFrameTakes() {
    List<String> many = new ArrayList<>();
    for (int port = 1; port <= CONFIG.limits().addresses() + 1; port++) {
      many.add("/ip4/10.77.0.1/tcp/" + port);
    }
    link.listeningOn(many.toArray(String[]::new));
    DnsMessage answer = answerTo(query(SERVICE, DnsRecord.PTR));
    assertThat(answer.encode()).hasSizeBetween(900, 1472);
  }

  @Test
  void waitsAMoment() {
    Instant asked = link.now();
    link.receive(query(SERVICE, DnsRecord.PTR)).pass(MOMENT);
    assertThat(link.responses().getFirst().at())
        .isBetween(asked.plusMillis(20), asked.plus(MOMENT));
  }

  @Test
  void waitsLongerForMoreKnownAnswers() {
    Instant asked = link.now();
    DnsMessage query = query(SERVICE, DnsRecord.PTR);
    link.receive(new DnsMessage(false, true, query.questions(), query.answers(), List.of()))
        .pass(SECOND);
    assertThat(link.responses().getFirst().at()).isAfterOrEqualTo(asked.plusMillis(400));
  }

  @Test
  void whoKnowsItIsNotAnswered() {
    link.receive(query(SERVICE, DnsRecord.PTR, new DnsRecord.Ptr(SERVICE, 60, INSTANCE)))
        .receive(query(TYPES, DnsRecord.PTR, new DnsRecord.Ptr(TYPES, 60, SERVICE)))
        .pass(MOMENT);
    assertThat(link.responses()).isEmpty();
  }

  @Test
  void whoKnewItLongAgoIsAnswered() {
    answerTo(query(SERVICE, DnsRecord.PTR, new DnsRecord.Ptr(SERVICE, 59, INSTANCE)));
  }

  @Test
  void theTypeOfServiceIsNotToldAgain() {
    DnsRecord type = new DnsRecord.Ptr(TYPES, 120, SERVICE);
    link.receive(query(TYPES, DnsRecord.PTR))
        .receive(DnsMessage.response(List.of(type), List.of()))
        .pass(MOMENT);
    assertThat(link.responses()).isEmpty();
  }

  @Test
  void aFloodOfQuestionsIsAnsweredOnceASecond() {
    for (int i = 0; i < 5000; i++) {
      link.receive(query(SERVICE, DnsRecord.PTR))
          .receive(query(INSTANCE, DnsRecord.TXT))
          .pass(Duration.ofMillis(1));
    }
    assertThat(link.responses()).hasSizeBetween(5, 6);
  }

  @Test
  void questionsThatComeTogetherHaveOneAnswer() {
    link.receive(query(TYPES, DnsRecord.PTR)).receive(query(SERVICE, DnsRecord.PTR)).pass(MOMENT);
    assertThat(link.responses()).hasSize(1);
    assertThat(link.responses().getFirst().message().answers())
        .containsExactly(PTR, new DnsRecord.Ptr(TYPES, 120, SERVICE));
  }
}
