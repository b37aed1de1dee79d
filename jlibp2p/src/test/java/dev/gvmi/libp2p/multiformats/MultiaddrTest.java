package dev.gvmi.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MultiaddrTest {
  @Test
  void textIsBoundedByTheBytesThatItStandsFor() {
    String longest = "/dns/" + "a".repeat(Multiaddr.MAX_BYTES - 3);
    Multiaddr address = Multiaddr.parse(longest);
    assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address);
    assertThatThrownBy(() -> Multiaddr.parse(longest + "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1025 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ip4/192.0.2.1/udp/7437/quic-v1", "/ip6/2001:db8::1/udp/1/quic-v1"})
  void anAddressOfQuicIsThatOfItsSocket(String text) {
    Multiaddr address = Multiaddr.parse(text);
    assertThat(Multiaddr.ofQuic(address.quicAddress().orElseThrow())).isEqualTo(address);
    assertThat(address.tcpAddress()).isEmpty();
    assertThat(
            Multiaddr.parse(text + "/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv")
                .quicAddress())
        .isEqualTo(address.quicAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/192.0.2.1/udp/7437",
        "/ip4/192.0.2.1/udp/7437/quic",
        "/ip4/192.0.2.1/tcp/7437",
        "/ip4/192.0.2.1/udp/7437/quic-v1/webtransport",
        "/dns4/example.org/udp/7437/quic-v1",
        "/ip4/192.0.2.1"
      })
  void whatIsNotQuicOnAnIpAddressHasNoAddressOfQuic(String text) {
    assertThat(Multiaddr.parse(text).quicAddress()).isEmpty();
  }

  @Test
  void anAddressOfAPeerAloneHasNoSocket() {
    Multiaddr address =
        Multiaddr.parse("/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv");
    assertThat(address.tcpAddress()).isEmpty();
    assertThat(address.quicAddress()).isEmpty();
  }

  @Test
  void aPathKeepsItsSlashes() {
    Multiaddr address = Multiaddr.parse("/unix/run//a.socket/");
    assertThat(address).hasToString("/unix/run//a.socket");
    assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address);
  }

  // a path that is empty, relative, only a slash, or ends with one or in half a character; 129 bits
  // of prefix; names with
  // a line feed, an escape, a line separator
  @ParameterizedTest
  @ValueSource(
      strings = {
        "900300",
        "90030161",
        "9003012f",
        "9003032f612f",
        "9003022fc3",
        "2b81",
        "3503610a62",
        "3504611b5b62",
        "3505e280a86162",
      })
  void refusesBytesThatNoTextStandsFor(String hex) {
    assertThatThrownBy(() -> Multiaddr.fromBytes(HexFormat.of().parseHex(hex)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("malformed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dns/a\nb", "/ip4/1.2.3\u001b[2J/tcp/1", "/x\u2028y", "a\tb"})
  void saysInOneLineWhatIsWrong(String text) {
    assertThatThrownBy(() -> Multiaddr.parse(text + "x".repeat(1000)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith("not a multiaddr")
        .doesNotContainPattern("[\\p{Cc}\\u2028]")
        .hasSizeLessThan(600);
  }
}
