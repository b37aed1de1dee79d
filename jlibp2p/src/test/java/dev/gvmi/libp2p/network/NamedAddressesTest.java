package dev.gvmi.libp2p.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NamedAddressesTest {
  private static final String ONE = "/p2p/12D3KooWRm8J3iL796zPFi2EtGGtUJn58AG67gcqzMFHZnnsTzqD";
  private static final String OTHER = "/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
  private final FakeResolver resolver = new FakeResolver();
  private final NamedAddresses names = new NamedAddresses(resolver);

  private List<String> resolve(String address) throws IOException {
    return names.resolve(Multiaddr.parse(address)).stream().map(Multiaddr::toString).toList();
  }

  @Test
  void leavesAnAddressWithoutANameAsItIs() throws IOException {
    assertThat(resolve("/ip4/192.0.2.1/tcp/1")).containsExactly("/ip4/192.0.2.1/tcp/1");
    assertThat(resolver.asked()).isEmpty();
  }

  @Test
  void aNameStandsForItsAddressesOfTheFamily() throws IOException {
    resolver.host("a.example", "192.0.2.1", "2001:db8::1");
    assertThat(resolve("/dns/a.example/tcp/1" + ONE))
        .containsExactly("/ip4/192.0.2.1/tcp/1" + ONE, "/ip6/2001:db8::1/tcp/1" + ONE);
    assertThat(resolve("/dns4/a.example/udp/1/quic-v1"))
        .containsExactly("/ip4/192.0.2.1/udp/1/quic-v1");
    assertThat(resolve("/dns6/a.example/tcp/1")).containsExactly("/ip6/2001:db8::1/tcp/1");
  }

  @Test
  void saysInOneLineThatANameLeadsNowhere() {
    resolver.host("four.example", "192.0.2.1");
    assertThatThrownBy(() -> resolve("/dns4/b.example/tcp/1"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot resolve /dns4/b.example/tcp/1: no name server knows b.example");
    assertThatThrownBy(() -> resolve("/dns6/four.example/tcp/1"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot resolve /dns6/four.example/tcp/1: it leads to no address");
  }

  @Test
  void aDnsaddrStandsForItsEntries() throws IOException {
    resolver
        .host("a.example", "192.0.2.9")
        .text("_dnsaddr.boot.example", "dnsaddr=/ip4/192.0.2.1/tcp/1" + ONE)
        .text("_dnsaddr.boot.example", "v=spf1 -all", "dnsaddr=nonsense", "dnsaddr=")
        .text("_dnsaddr.boot.example", "dnsaddr=/dns4/a.example/tcp/2" + OTHER)
        .text("_dnsaddr.boot.example", "dnsaddr=/dnsaddr/more.example")
        .text("_dnsaddr.more.example", "dnsaddr=/ip4/192.0.2.3/tcp/3" + ONE);
    assertThat(resolve("/dnsaddr/boot.example"))
        .containsExactly(
            "/ip4/192.0.2.1/tcp/1" + ONE,
            "/ip4/192.0.2.9/tcp/2" + OTHER,
            "/ip4/192.0.2.3/tcp/3" + ONE);
  }

  @Test
  void ofADnsaddrOfAPeerOnlyItsEntriesCount() throws IOException {
    resolver
        .text("_dnsaddr.boot.example", "dnsaddr=/ip4/192.0.2.1/tcp/1" + ONE)
        .text("_dnsaddr.boot.example", "dnsaddr=/ip4/192.0.2.2/tcp/1" + OTHER)
        .text("_dnsaddr.boot.example", "dnsaddr=/ip4/192.0.2.3/tcp/1");
    assertThat(resolve("/dnsaddr/boot.example" + ONE))
        .containsExactly("/ip4/192.0.2.1/tcp/1" + ONE);
  }

  @Test
  void followsFourSteps() throws IOException {
    for (int i = 1; i < NamedAddresses.MAX_DEPTH; i++) {
      resolver.text("_dnsaddr." + i + ".example", "dnsaddr=/dnsaddr/" + (i + 1) + ".example");
    }
    resolver.text("_dnsaddr.4.example", "dnsaddr=/ip4/192.0.2.1/tcp/1");
    assertThat(resolve("/dnsaddr/1.example")).containsExactly("/ip4/192.0.2.1/tcp/1");
    resolver.text("_dnsaddr.0.example", "dnsaddr=/dnsaddr/1.example");
    assertThatThrownBy(() -> resolve("/dnsaddr/0.example"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 4 /dnsaddr");
  }

  @Test
  void looksUpNoMoreThanSixteenNames() {
    for (int i = 1; i <= NamedAddresses.MAX_TEXTS; i++) {
      resolver.text("_dnsaddr.wide.example", "dnsaddr=/dns4/" + i + ".example/tcp/1");
    }
    assertThatThrownBy(() -> resolve("/dnsaddr/wide.example")).isInstanceOf(IOException.class);
    assertThat(resolver.asked()).hasSize(NamedAddresses.MAX_LOOKUPS);
  }

  @Test
  void takesNoMoreThan32AddressesAnd64Texts() throws IOException {
    String[] many =
        IntStream.rangeClosed(1, NamedAddresses.MAX_ADDRESSES + 1)
            .mapToObj(i -> "192.0.2." + i)
            .toArray(String[]::new);
    resolver.host("many.example", many);
    assertThat(resolve("/dns4/many.example/tcp/1")).hasSize(NamedAddresses.MAX_ADDRESSES);
    for (int i = 0; i < NamedAddresses.MAX_TEXTS; i++) {
      resolver.text("_dnsaddr.long.example", "noise " + i);
    }
    resolver.text("_dnsaddr.long.example", "dnsaddr=/ip4/192.0.2.1/tcp/1");
    assertThatThrownBy(() -> resolve("/dnsaddr/long.example"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("leads to no address");
  }
}
