package dev.gvmi.node.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "2001:4860:4860::8888",
        "2002:0808:0808::1",
        "64:ff9b::808:808",
        "::8.8.8.8",
        "2a00:1450::5efe:808:808"
      })
  void publicAddressesAreAllowed(String address) throws UnknownHostException {
    assertThat(AddressRules.PUBLIC_ONLY.allow(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.9",
        "240.0.0.1",
        "255.255.255.254",
        "::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "100::1",
        "2001:db8::1",
        "2001::1",
        "2001:10::1",
        "3fff::1",
        "4000::1",
        "64:ff9b:1::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:c0a8:1::1",
        "2002:a00:1::",
        "2a00:1450::5efe:7f00:1",
        "2a00:1450::200:5efe:a00:1",
        "127.1",
        "2130706433"
      })
  void othersAreOnlyIfPrivateOnesAre(String address) throws UnknownHostException {
    assertThat(AddressRules.PUBLIC_ONLY.allow(InetAddress.getByName(address))).isFalse();
    assertThat(AddressRules.PRIVATE_TOO.allow(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "255.255.255.255",
        "::",
        "ff02::1",
        "ff0e::1",
        "64:ff9b::e000:1",
        "2002:e000:1::",
        "64:ff9b::",
        "2002::1"
      })
  void whatNoHostHasIsNever(String address) throws UnknownHostException {
    assertThat(AddressRules.PUBLIC_ONLY.allow(InetAddress.getByName(address))).isFalse();
    assertThat(AddressRules.PRIVATE_TOO.allow(InetAddress.getByName(address))).isFalse();
  }
}
