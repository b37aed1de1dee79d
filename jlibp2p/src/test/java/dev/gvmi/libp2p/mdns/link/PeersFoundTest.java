package dev.gvmi.libp2p.mdns.link;

import static dev.gvmi.libp2p.mdns.link.LinkProbe.CONFIG;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.INSTANCE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.SELF;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.SERVICE;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.addresses;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.here;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.instance;
import static dev.gvmi.libp2p.mdns.link.LinkProbe.peer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.dns.DnsName;
import dev.gvmi.libp2p.mdns.dns.DnsRecord;
import dev.gvmi.libp2p.mdns.link.LinkAction.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a {@link LinkSession} tells of. */
final class PeersFoundTest {
  private static final String NEAR = "/ip4/10.77.0.2/tcp/4001";

  private final LinkProbe link = new LinkProbe();

  private static DnsMessage response(DnsName instance, String... texts) {
    return DnsMessage.response(
        List.of(new DnsRecord.Ptr(SERVICE, 120, instance)),
        List.of(new DnsRecord.Txt(instance, 120, List.of(texts))));
  }

  private static String text(String address, int peer) {
    return "dnsaddr=" + address + "/p2p/" + peer(peer);
  }

  @Test
  void tellsOfAPeerAndItsAddresses() {
    link.receive(here(1, NEAR, "/ip6/2001:db8::2/tcp/4001"));
    assertThat(link.found())
        .containsExactly(new Found(peer(1), addresses(NEAR, "/ip6/2001:db8::2/tcp/4001")));
  }

  /** As js-libp2p answers: a TXT record for each address, among the answers. */
  @Test
  void takesSeveralRecordsAmongTheAnswers() {
    link.receive(
        DnsMessage.response(
            List.of(
                new DnsRecord.Txt(instance(1), 120, List.of(text(NEAR, 1))),
                new DnsRecord.Ptr(SERVICE, 120, instance(1)),
                new DnsRecord.Txt(instance(1), 120, List.of(text("/ip4/10.77.0.3/tcp/1", 1)))),
            List.of()));
    assertThat(link.found())
        .containsExactly(new Found(peer(1), addresses(NEAR, "/ip4/10.77.0.3/tcp/1")));
  }

  @Test
  void tellsOfAPeerOnceInAnInterval() {
    for (int second = 0; second < 60; second++) {
      link.receive(here(1, NEAR, "/ip4/10.77.0.3/tcp/" + second)).pass(Duration.ofSeconds(1));
    }
    assertThat(link.found()).hasSize(2);
  }

  @Test
  void doesNotTellOfItself() {
    link.receive(here(0, NEAR)).receive(response(INSTANCE, text(NEAR, 0)));
    assertThat(link.found()).isEmpty();
    assertThat(SELF).isEqualTo(peer(0));
  }

  @Test
  void takesNoWordFromAnotherService() {
    DnsName other = DnsName.of("_p2p-other._udp.local");
    link.receive(
        DnsMessage.response(
            List.of(new DnsRecord.Ptr(other, 120, instance(1))),
            List.of(new DnsRecord.Txt(instance(1), 120, List.of(text(NEAR, 1))))));
    assertThat(link.found()).isEmpty();
  }

  @Test
  void takesNoQueryForAnAnswer() {
    DnsMessage answer = here(1, NEAR);
    link.receive(new DnsMessage(false, false, List.of(), answer.answers(), answer.additionals()));
    assertThat(link.found()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/127.0.0.1/tcp/4001",
        "/ip4/0.0.0.0/tcp/4001",
        "/ip4/224.0.0.251/tcp/4001",
        "/ip4/169.254.1.1/tcp/4001",
        "/ip4/198.51.100.1/tcp/4001",
        "/ip6/::1/tcp/4001",
        "/ip6/fe80::2/tcp/4001",
        "/ip6/2001:db8:1::2/tcp/4001",
        "/dns4/example.net/tcp/4001"
      })
  void doesNotBelieveInAddressesOfElsewhere(String far) {
    link.receive(here(1, far)).receive(here(2, far, NEAR));
    assertThat(link.found()).containsExactly(new Found(peer(2), addresses(NEAR)));
  }

  @Test
  void believesInPrivateAddresses() {
    link.receive(here(1, "/ip4/192.168.7.1/tcp/1", "/ip6/fd00::1/udp/1/quic-v1"));
    assertThat(link.found().getFirst().addresses()).hasSize(2);
  }

  @Test
  void skipsWhatIsNoAddressOfThatPeer() {
    link.receive(
        response(
            instance(1),
            "",
            "txtvers=1",
            "dnsaddr=",
            "dnsaddr=/ip4/10.77.0.9",
            text(NEAR, 1),
            text("/ip4/10.77.0.9/tcp/1", 2)));
    assertThat(link.found()).containsExactly(new Found(peer(1), addresses(NEAR)));
  }

  @Test
  void takesNoTextOfAnotherInstance() {
    link.receive(
        DnsMessage.response(
            List.of(new DnsRecord.Ptr(SERVICE, 120, instance(1))),
            List.of(new DnsRecord.Txt(instance(2), 120, List.of(text(NEAR, 1))))));
    assertThat(link.found()).isEmpty();
  }

  @Test
  void forgetsWhoSaysGoodBye() {
    link.receive(here(1, NEAR));
    assertThat(link.peers()).isEqualTo(1);
    link.receive(here(1, 0, NEAR));
    assertThat(link.peers()).isZero();
  }

  @Test
  void takesNoMoreAddressesThanTheLimit() {
    int most = CONFIG.limits().addresses();
    String[] many =
        IntStream.rangeClosed(0, most)
            .mapToObj(port -> "/ip4/10.77.0.2/tcp/" + port)
            .toArray(String[]::new);
    link.receive(here(1, many));
    assertThat(link.found().getFirst().addresses()).hasSize(most);
  }

  @Test
  void readsNoMoreTextsThanTheLimit() {
    int most = CONFIG.limits().texts();
    List<String> texts = new ArrayList<>(Collections.nCopies(most - 1, "dnsaddr=x"));
    texts.add(text(NEAR, 1));
    link.receive(response(instance(1), texts.toArray(String[]::new)));
    assertThat(link.found()).hasSize(1);
    texts.set(most - 1, "dnsaddr=x");
    texts.add(text(NEAR, 2));
    link.receive(response(instance(2), texts.toArray(String[]::new)));
    assertThat(link.found()).hasSize(1);
  }

  @Test
  void remembersNoMorePeersThanTheLimit() {
    int most = CONFIG.limits().peers();
    for (int peer = 1; peer <= most + 1; peer++) {
      link.receive(here(peer, NEAR));
    }
    assertThat(link.peers()).isEqualTo(most);
  }

  @Test
  void tellsOfNoMorePeersASecondThanTheLimit() {
    int atOnce = 4 * CONFIG.limits().reportsPerSecond();
    for (int peer = 1; peer <= atOnce + 1; peer++) {
      link.receive(here(peer, NEAR));
    }
    assertThat(link.found()).hasSize(atOnce);
    link.pass(Duration.ofSeconds(1)).receive(here(atOnce + 1, NEAR));
    assertThat(link.found()).hasSize(atOnce + 1);
  }
}
