package dev.gvmi.node.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpGroupTest {
  private static IpGroup group(String address) {
    return IpGroup.of(Multiaddr.parse(address));
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/198.51.100.7/tcp/7437, 198.51.100.0/24",
    "/ip4/198.51.100.255/udp/7437/quic-v1, 198.51.100.0/24",
    "/ip4/255.255.255.255/tcp/1, 255.255.255.0/24",
    "/ip6/2001:db8:1:2::9/tcp/7437, 2001:db8:1:0:0:0:0:0/48",
    "/ip6/2001:db8:1:ffff::1/udp/1/quic-v1, 2001:db8:1:0:0:0:0:0/48",
    "/ip6/::ffff:198.51.100.9/tcp/7437, 198.51.100.0/24",
    "/dns4/example.org/tcp/7437, /dns4/example.org/tcp/7437"
  })
  void isTheNetworkOfTheFirstIp(String address, String network) {
    assertThat(group(address).network()).isEqualTo(network);
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/198.51.100.1/tcp/1, /ip4/198.51.101.1/tcp/1",
    "/ip6/2001:db8:1::1/tcp/1, /ip6/2001:db8:2::1/tcp/1",
    "/ip6/::198.51.100.1/tcp/1, /ip4/198.51.100.1/tcp/1"
  })
  void othersAreAnotherGroup(String one, String other) {
    assertThat(group(one)).isNotEqualTo(group(other));
  }
}
