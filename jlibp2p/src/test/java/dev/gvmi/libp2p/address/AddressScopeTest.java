package dev.gvmi.libp2p.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.TestPeers;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressScopeTest {
  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/1,LOOPBACK",
    "/ip4/127.9.9.9/udp/1/quic-v1,LOOPBACK",
    "/ip6/::1/tcp/1,LOOPBACK",
    "/memory/7,LOOPBACK",
    "/ip4/10.1.2.3/tcp/1,PRIVATE",
    "/ip4/172.16.0.1/tcp/1,PRIVATE",
    "/ip4/172.31.255.1/tcp/1,PRIVATE",
    "/ip4/172.32.0.1/tcp/1,PUBLIC",
    "/ip4/192.168.1.1/tcp/1,PRIVATE",
    "/ip4/100.64.0.1/tcp/1,PRIVATE",
    "/ip4/100.128.0.1/tcp/1,PUBLIC",
    "/ip6/fd00::1/tcp/1,PRIVATE",
    "/ip6/2600::1/udp/1/quic-v1,PUBLIC",
    "/ip4/8.8.8.8/tcp/1,PUBLIC",
    "/ip4/0.0.0.0/tcp/1,",
    "/ip4/0.1.2.3/tcp/1,",
    "/ip4/224.0.0.1/tcp/1,",
    "/ip4/255.255.255.255/tcp/1,",
    "/ip4/169.254.1.1/tcp/1,",
    "/ip6/fe80::1/tcp/1,",
    "/ip6/::/tcp/1,",
    "/ip6/64:ff9b::1/tcp/1,",
    "/dns4/example.org/tcp/1,",
    "/p2p-circuit,"
  })
  void tellsHowFarAnAddressReaches(String address, AddressScope scope) {
    Multiaddr parsed = Multiaddr.parse(address);
    if (scope == null) {
      assertThat(AddressScope.of(parsed)).isEmpty();
      assertThat(AddressScope.LOOPBACK.reaches(parsed)).isFalse();
    } else {
      assertThat(AddressScope.of(parsed)).contains(scope);
      assertThat(Arrays.stream(AddressScope.values()).filter(s -> s.reaches(parsed)))
          .containsExactlyElementsOf(
              Arrays.stream(AddressScope.values()).filter(s -> s.compareTo(scope) <= 0).toList());
    }
  }

  private static Set<IpGroup> groups(String... addresses) {
    return IpGroup.of(Arrays.stream(addresses).map(Multiaddr::parse).toList());
  }

  @Test
  void groupsPublicAddressesByPrefix() {
    assertThat(groups("/ip4/8.8.8.8/tcp/1")).isEqualTo(groups("/ip4/8.8.8.200/udp/2/quic-v1"));
    assertThat(groups("/ip4/8.8.8.8/tcp/1")).isNotEqualTo(groups("/ip4/8.8.9.8/tcp/1"));
    assertThat(groups("/ip6/2600:1:2:3::1/tcp/1")).isEqualTo(groups("/ip6/2600:1:2:4::9/tcp/1"));
    assertThat(groups("/ip6/2600:1:2::1/tcp/1")).isNotEqualTo(groups("/ip6/2600:1:3::1/tcp/1"));
    assertThat(groups("/ip4/8.8.8.8/tcp/1", "/ip6/2600::1/tcp/1", "/ip4/8.8.8.9/tcp/1")).hasSize(2);
  }

  @Test
  void groupsNoneOfALan() {
    assertThat(groups("/ip4/10.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1", "/dns4/a/tcp/1")).isEmpty();
  }

  @Test
  void keepsWhatCanBeReached() {
    KadPeer peer =
        new TestPeers(1).at("/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1");
    assertThat(peer.reachableFrom(AddressScope.LOOPBACK)).isSameAs(peer);
    assertThat(peer.reachableFrom(AddressScope.PRIVATE).addresses()).hasSize(2);
    assertThat(peer.reachableFrom(AddressScope.PUBLIC).addresses())
        .isEqualTo(List.of(Multiaddr.parse("/ip4/8.8.8.8/tcp/1")));
  }
}
