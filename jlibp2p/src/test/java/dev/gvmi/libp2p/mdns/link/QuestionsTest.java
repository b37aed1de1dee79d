package dev.gvmi.libp2p.mdns.link;

import static dev.gvmi.libp2p.mdns.link.LinkProbe.CONFIG;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.INSTANCE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.SERVICE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.here;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.instance;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsQuestion;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.mdns.link.LinkProbe.Sent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When a {@link LinkSession} asks, and what it says that it knows. */
final class QuestionsTest {
  private static final Duration HALF_MINUTE = Duration.ofSeconds(30);

  private static DnsMessage lastQuery(LinkProbe link) {
    return link.queries().getLast().message();
  }

  @Test
  void asksAtOnceThenLessAndLessOften() {
    LinkProbe link = new LinkProbe().pass(Duration.ofMinutes(5));
    List<Instant> asked = link.queries().stream().map(Sent::at).toList();
    assertThat(link.queries())
        .allSatisfy(sent -> assertThat(sent.message()).isEqualTo(query(SERVICE, DnsRecord.PTR)));
    assertThat(asked.getFirst()).isBetween(Instant.EPOCH, Instant.EPOCH.plusMillis(120));
    long[] seconds = {1, 2, 4, 8, 16, 32, 60, 60};
    assertThat(asked).hasSizeGreaterThan(seconds.length);
    for (int i = 0; i < seconds.length; i++) {
      assertThat(Duration.between(asked.get(i), asked.get(i + 1)))
          .isBetween(Duration.ofSeconds(seconds[i]), Duration.ofMillis(seconds[i] * 1250));
    }
  }

  @Test
  void answersItsOwnQueries() {
    LinkProbe link = new LinkProbe().pass(Duration.ofMinutes(5));
    assertThat(link.responses()).hasSameSizeAs(link.queries());
    assertThat(link.responses().getFirst().at()).isBefore(Instant.EPOCH.plusMillis(250));
  }

  @Test
  void asksEvenWhereItListensNowhere() {
    LinkProbe link = new LinkProbe().listeningOn().pass(Duration.ofSeconds(5));
    assertThat(link.queries()).hasSize(3);
    assertThat(link.responses()).isEmpty();
  }

  @Test
  void doesNotAskWhatOthersAskOftenEnough() {
    LinkProbe link = new LinkProbe().settled();
    for (int i = 0; i < 20; i++) {
      link.receive(query(SERVICE, DnsRecord.PTR)).pass(HALF_MINUTE);
    }
    assertThat(link.queries()).isEmpty();
    assertThat(link.pass(Duration.ofSeconds(75)).queries()).hasSize(1);
  }

  @Test
  void othersThatKnowItAskForItToo() {
    LinkProbe link = new LinkProbe().settled();
    DnsRecord self = new DnsRecord.Ptr(SERVICE, 60, INSTANCE);
    for (int i = 0; i < 4; i++) {
      link.receive(query(SERVICE, DnsRecord.PTR, self)).pass(HALF_MINUTE);
    }
    assertThat(link.queries()).isEmpty();
  }

  @Test
  void asksWhereOthersDoNotWantAllAnswers() {
    LinkProbe link = new LinkProbe().settled();
    DnsRecord unknown = new DnsRecord.Ptr(SERVICE, 60, instance(1));
    DnsQuestion unicast = new DnsQuestion(SERVICE, DnsRecord.PTR, true);
    for (int i = 0; i < 4; i++) {
      link.receive(query(SERVICE, DnsRecord.PTR, unknown))
          .receive(DnsMessage.query(unicast, List.of()))
          .pass(HALF_MINUTE);
    }
    assertThat(link.queries()).isNotEmpty();
  }

  @Test
  void nobodyKeepsItFromAskingAtItsStart() {
    LinkProbe link = new LinkProbe();
    for (int i = 0; i < 100; i++) {
      link.receive(query(SERVICE, DnsRecord.PTR)).pass(Duration.ofMillis(50));
    }
    assertThat(link.queries()).hasSize(3);
  }

  @Test
  void saysWhomItKnows() {
    LinkProbe link = new LinkProbe().receive(here(1, "/ip4/10.77.0.2/tcp/1"));
    link.pass(Duration.ofSeconds(1));
    assertThat(lastQuery(link).answers()).hasSize(1);
    DnsRecord.Ptr known = (DnsRecord.Ptr) lastQuery(link).answers().getFirst();
    assertThat(known.target()).isEqualTo(instance(1));
    assertThat(known.ttlSeconds()).isBetween(118, 120);
  }

  @Test
  void doesNotSaySoWhenItWasLongAgo() {
    LinkProbe link = new LinkProbe().receive(here(1, "/ip4/10.77.0.2/tcp/1"));
    assertThat(lastQuery(link.pass(Duration.ofMinutes(3))).answers()).isEmpty();
  }

  @Test
  void namesSoManyAndThoseHeardOfLast() {
    LinkProbe link = new LinkProbe();
    int most = CONFIG.limits().knownAnswers();
    for (int peer = 1; peer <= most + 1; peer++) {
      link.receive(here(peer, "/ip4/10.77.0.2/tcp/1"));
    }
    link.pass(Duration.ofSeconds(1));
    assertThat(lastQuery(link).answers().stream().map(r -> ((DnsRecord.Ptr) r).target()))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(2, most + 1).mapToObj(LinkProbe::instance).toList());
  }
}
