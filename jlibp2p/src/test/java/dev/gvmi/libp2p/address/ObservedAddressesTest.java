package dev.gvmi.libp2p.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ObservedAddressesTest {
  private static final String EXTERNAL = "/ip4/203.0.113.7/tcp/7437";
  private final ObservedAddresses observed = new ObservedAddresses();
  private List<Multiaddr> listeners = addresses("/ip4/0.0.0.0/tcp/7437", "/ip6/::/tcp/7437");
  private Instant now = Instant.EPOCH;

  private static List<Multiaddr> addresses(String... texts) {
    return Arrays.stream(texts).map(Multiaddr::parse).toList();
  }

  private void told(String observer, boolean inbound, String at) {
    observed.observed(
        Multiaddr.parse(observer + "/tcp/4001"), inbound, Multiaddr.parse(at), listeners, now);
  }

  /** Each of another group. */
  private void told(int observers, boolean inbound, String at) {
    for (int i = 1; i <= observers; i++) {
      told("/ip4/198.51." + i + ".1", inbound, at);
    }
  }

  private List<String> confirmed() {
    return observed.confirmed(listeners, now).stream().map(Multiaddr::toString).toList();
  }

  @Test
  void fourObserversConfirmAnAddress() {
    told(3, true, EXTERNAL);
    assertThat(confirmed()).isEmpty();
    told(4, true, EXTERNAL);
    assertThat(confirmed()).containsExactly(EXTERNAL);
  }

  @Test
  void observersBehindOnePrefixAreOne() {
    for (int i = 1; i <= 9; i++) {
      told("/ip4/198.51.100." + i, true, EXTERNAL);
      told("/ip6/2600:1:2:" + i + "::1", true, "/ip6/2600:9::1/tcp/7437");
    }
    assertThat(confirmed()).isEmpty();
  }

  @Test
  void theForwardedPortIsLearntFromThoseWhoDialledIt() {
    told(
        4,
        true,
        "/ip4/203.0.113.7/tcp/40000/p2p/12D3KooWRm8J3iL796zPFi2EtGGtUJn58AG67gcqzMFHZnnsTzqD");
    assertThat(confirmed()).containsExactly("/ip4/203.0.113.7/tcp/40000");
  }

  @Test
  void connectionsThatWeMadeTeachTheIpAlone() {
    for (int i = 1; i <= 4; i++) {
      told("/ip4/198.51." + i + ".1", false, "/ip4/203.0.113.7/tcp/" + (50_000 + i));
    }
    assertThat(confirmed()).containsExactly(EXTERNAL);
  }

  @Test
  void whoKnowsThePortOverrulesWhoDoesNot() {
    told(8, false, "/ip4/203.0.113.7/tcp/50000");
    told(4, true, "/ip4/203.0.113.7/tcp/40000");
    assertThat(confirmed()).containsExactly("/ip4/203.0.113.7/tcp/40000");
    told(4, false, "/ip4/203.0.113.7/tcp/50000");
    assertThat(confirmed()).containsExactly("/ip4/203.0.113.7/tcp/40000");
  }

  @Test
  void bothKindsCountTogetherIfTheyAgree() {
    told("/ip4/198.51.1.1", true, EXTERNAL);
    told("/ip4/198.51.2.1", true, EXTERNAL);
    told("/ip4/198.51.3.1", false, "/ip4/203.0.113.7/tcp/50000");
    assertThat(confirmed()).isEmpty();
    told("/ip4/198.51.4.1", false, "/ip4/203.0.113.7/tcp/50001");
    assertThat(confirmed()).containsExactly(EXTERNAL);
  }

  @Test
  void onlyTheTransportAndFamilyThatWeListenOnCount() {
    told(4, true, "/ip4/203.0.113.7/udp/7437/quic-v1");
    told(4, true, "/ip4/203.0.113.7/tcp/7437/ws");
    listeners = addresses("/ip6/::/tcp/7437");
    told(4, true, EXTERNAL);
    assertThat(confirmed()).isEmpty();
  }

  @Test
  void quicCountsForTheQuicListener() {
    listeners = addresses("/ip4/0.0.0.0/tcp/7437", "/ip4/0.0.0.0/udp/7437/quic-v1");
    told(4, true, "/ip4/203.0.113.7/udp/7437/quic-v1");
    assertThat(confirmed()).containsExactly("/ip4/203.0.113.7/udp/7437/quic-v1");
  }

  @Test
  void ofSeveralListenersThePortDecides() {
    listeners = addresses("/ip4/0.0.0.0/tcp/1", "/ip4/0.0.0.0/tcp/2");
    told(4, true, "/ip4/203.0.113.7/tcp/2");
    told(4, true, "/ip4/203.0.113.7/tcp/3");
    assertThat(confirmed()).containsExactly("/ip4/203.0.113.7/tcp/2");
  }

  @Test
  void believesNobodyOfAnotherScope() {
    told(4, true, "/ip4/127.0.0.1/tcp/7437");
    told(4, true, "/ip4/192.168.1.5/tcp/7437");
    told(4, true, "/ip4/0.0.0.0/tcp/7437");
    for (int i = 1; i <= 4; i++) {
      told("/ip4/10.0." + i + ".1", true, EXTERNAL);
      told("/ip4/127.0." + i + ".1", true, "/ip4/127.0.0.1/tcp/7437");
    }
    assertThat(observed.size()).isZero();
  }

  @Test
  void aLanBehindALanIsLearntFromIt() {
    for (int i = 1; i <= 4; i++) {
      told("/ip4/10.0." + i + ".1", true, "/ip4/10.9.9.9/tcp/7437");
    }
    assertThat(confirmed()).containsExactly("/ip4/10.9.9.9/tcp/7437");
  }

  @Test
  void eachObserverCountsForThirtyMinutes() {
    told(4, true, EXTERNAL);
    now = now.plus(Duration.ofMinutes(29));
    told(3, true, EXTERNAL);
    assertThat(confirmed()).containsExactly(EXTERNAL);
    now = now.plus(Duration.ofMinutes(1));
    assertThat(confirmed()).isEmpty();
    told("/ip4/198.51.9.1", true, EXTERNAL);
    assertThat(confirmed()).containsExactly(EXTERNAL);
  }

  @Test
  void anObserverHasOneOpinion() {
    told(4, true, EXTERNAL);
    told("/ip4/198.51.1.1", true, "/ip4/203.0.113.8/tcp/7437");
    assertThat(confirmed()).isEmpty();
  }

  @Test
  void noMoreThanThreeForOneListener() {
    for (int external = 1; external <= 4; external++) {
      for (int i = 1; i <= 3 + external; i++) {
        told(
            "/ip4/198." + external + "." + i + ".1", true, "/ip4/203.0.113." + external + "/tcp/1");
      }
    }
    assertThat(confirmed())
        .containsExactly(
            "/ip4/203.0.113.4/tcp/1", "/ip4/203.0.113.3/tcp/1", "/ip4/203.0.113.2/tcp/1");
  }

  @Test
  void forgetsTheLongestUnheardBeyondItsLimit() {
    told(4, true, EXTERNAL);
    for (int i = 0; i < ObservedAddresses.MAX_VOTES - 4; i++) {
      told("/ip4/11." + (i >> 8) + "." + (i & 255) + ".1", true, "/ip4/203.0.113.8/tcp/" + (i + 1));
    }
    assertThat(confirmed()).containsExactly(EXTERNAL);
    told("/ip4/12.0.0.1", true, "/ip4/203.0.113.8/tcp/1");
    assertThat(observed.size()).isEqualTo(ObservedAddresses.MAX_VOTES);
    assertThat(confirmed()).isEmpty();
  }
}
