package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostCheckTest {
  private final HostCheck loopback =
      new HostCheck(InetAddress.ofLiteral("127.0.0.1"), Set.of("Images.example.org"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1:7438",
        "127.1",
        "localhost",
        "LOCALHOST:80",
        "images.example.org:443",
        "images.EXAMPLE.org"
      })
  void takesTheAddressAndNamesOfItsOwn(String host) {
    assertThat(loopback.allows(host, null, null)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:7438", "127.0.0.2",
            "[::1]", "127.0.0.1:",
        "127.0.0.1:x", "127.0.0.1:7438:1", "[127.0.0.1", "user@127.0.0.1", "127.0.0.1@evil.example",
            " 127.0.0.1", "0.0.0.0"
      })
  void takesNoOther(String host) {
    assertThat(loopback.allows(host, null, null)).isFalse();
  }

  @Test
  void takesNoRequestOfAWebPage() {
    assertThat(loopback.allows("127.0.0.1", "http://evil.example", null)).isFalse();
    assertThat(loopback.allows("127.0.0.1", "null", null)).isFalse();
    assertThat(loopback.allows("127.0.0.1", null, "cross-site")).isFalse();
    assertThat(loopback.allows("127.0.0.1", null, "none")).isTrue();
    assertThat(loopback.allows(null, null, null)).isFalse();
  }

  @Test
  void atAllAddressesItTakesEachButStillNoNames() {
    HostCheck all = new HostCheck(InetAddress.ofLiteral("0.0.0.0"), Set.of());
    assertThat(all.allows("192.0.2.7:7438", null, null)).isTrue();
    assertThat(all.allows("[2001:db8::1]:7438", null, null)).isTrue();
    assertThat(all.allows("rebound.example", null, null)).isFalse();
  }

  @Test
  void anAddressOfIp6HasManyForms() {
    HostCheck six = new HostCheck(InetAddress.ofLiteral("::1"), Set.of());
    assertThat(six.allows("[::1]:7438", null, null)).isTrue();
    assertThat(six.allows("[0:0:0:0:0:0:0:1]", null, null)).isTrue();
    assertThat(six.allows("::1", null, null)).isFalse();
  }
}
