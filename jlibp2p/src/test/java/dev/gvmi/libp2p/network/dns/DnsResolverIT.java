package dev.gvmi.libp2p.network.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.network.NamedAddresses;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DnsResolverIT {
  private final TestNameServer server = new TestNameServer();
  private final DnsResolver resolver =
      new DnsResolver(new SingletonDnsServerAddressStreamProvider(server.address()));

  @AfterEach
  void close() {
    resolver.close();
    server.close();
  }

  @Test
  void findsAddressesOfBothFamilies() throws Exception {
    server
        .host("a.example", "192.0.2.1")
        .host("a.example", "192.0.2.2")
        .host("a.example", "2001:db8::1");
    assertThat(resolver.addresses("a.example"))
        .containsExactlyInAnyOrder(
            InetAddress.getByName("192.0.2.1"),
            InetAddress.getByName("192.0.2.2"),
            InetAddress.getByName("2001:db8::1"));
  }

  @Test
  void findsTheAddressesOfANameThatHasOneFamily() throws Exception {
    server.host("six.example", "2001:db8::1");
    assertThat(resolver.addresses("six.example"))
        .containsExactly(InetAddress.getByName("2001:db8::1"));
  }

  @Test
  void joinsTheStringsOfATextAndKeepsTextsApart() throws Exception {
    server.text("t.example", "dnsaddr=/ip4/192.0.2.1", "/tcp/1").text("t.example", "ä", "");
    assertThat(resolver.texts("t.example"))
        .containsExactlyInAnyOrder("dnsaddr=/ip4/192.0.2.1/tcp/1", "ä");
  }

  @Test
  void followsADnsaddr() throws Exception {
    server
        .text("_dnsaddr.boot.example", "dnsaddr=/dns4/a.example/tcp/7")
        .host("a.example", "192.0.2.1");
    assertThat(new NamedAddresses(resolver).resolve(Multiaddr.parse("/dnsaddr/boot.example")))
        .isEqualTo(List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/7")));
  }

  @Test
  void saysThatNobodyKnowsAName() throws Exception {
    server.host("a.example", "192.0.2.1");
    assertThatThrownBy(() -> resolver.addresses("nobody.example"))
        .isInstanceOf(IOException.class)
        .hasMessage("no name server knows nobody.example");
    assertThatThrownBy(() -> resolver.texts("nobody.example"))
        .isInstanceOf(IOException.class)
        .hasMessage("no name server knows nobody.example");
  }

  @Test
  void aSilentServerCostsSomeSecondsOnly() {
    server.silence();
    long start = System.nanoTime();
    assertThatThrownBy(() -> resolver.texts("a.example")).isInstanceOf(IOException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void asksNobodyWhenItIsClosed() {
    resolver.close();
    assertThatThrownBy(() -> resolver.addresses("a.example"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }
}
