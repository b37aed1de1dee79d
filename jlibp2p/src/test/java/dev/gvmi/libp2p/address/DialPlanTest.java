package dev.gvmi.libp2p.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DialPlanTest {
  private static List<String> plan(String... addresses) {
    return DialPlan.of(Arrays.stream(addresses).map(Multiaddr::parse).toList()).stream()
        .map(step -> step.after().toMillis() + " " + step.address())
        .toList();
  }

  @Test
  void triesQuicBeforeTcp() {
    assertThat(plan("/ip4/8.8.8.8/tcp/1", "/ip4/8.8.8.8/udp/1/quic-v1"))
        .containsExactly("0 /ip4/8.8.8.8/udp/1/quic-v1", "250 /ip4/8.8.8.8/tcp/1");
    assertThat(plan("/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/udp/1/quic-v1"))
        .containsExactly("0 /ip4/10.0.0.1/udp/1/quic-v1", "30 /ip4/10.0.0.1/tcp/1");
  }

  @Test
  void triesTcpAtOnceWhenThereIsNoQuic() {
    assertThat(plan("/ip4/8.8.8.8/tcp/1")).containsExactly("0 /ip4/8.8.8.8/tcp/1");
  }

  @Test
  void theFamiliesTakeTurns() {
    assertThat(
            plan(
                "/ip4/8.8.8.8/tcp/1",
                "/ip4/8.8.4.4/tcp/1",
                "/ip4/8.8.4.5/tcp/1",
                "/ip6/2600::1/tcp/1",
                "/ip6/2600::2/tcp/1"))
        .containsExactly(
            "0 /ip6/2600::1/tcp/1",
            "250 /ip4/8.8.8.8/tcp/1",
            "500 /ip6/2600::2/tcp/1",
            "500 /ip4/8.8.4.4/tcp/1",
            "500 /ip4/8.8.4.5/tcp/1");
  }

  @Test
  void bothFamiliesOfQuicAndTcp() {
    assertThat(
            plan(
                "/ip4/8.8.8.8/tcp/1",
                "/ip6/2600::1/tcp/1",
                "/ip4/8.8.8.8/udp/1/quic-v1",
                "/ip6/2600::1/udp/1/quic-v1"))
        .containsExactly(
            "0 /ip6/2600::1/udp/1/quic-v1",
            "250 /ip4/8.8.8.8/udp/1/quic-v1",
            "250 /ip6/2600::1/tcp/1",
            "500 /ip4/8.8.8.8/tcp/1");
  }

  @Test
  void addressesOfALanRaceWithPublicOnes() {
    assertThat(plan("/ip4/8.8.8.8/tcp/1", "/ip4/192.168.1.1/tcp/1", "/ip4/192.168.1.2/tcp/1"))
        .containsExactly(
            "0 /ip4/8.8.8.8/tcp/1", "0 /ip4/192.168.1.1/tcp/1", "30 /ip4/192.168.1.2/tcp/1");
  }

  @Test
  void leavesOutRelaysAndWhatIsThereTwice() {
    assertThat(plan("/ip4/8.8.8.8/tcp/1/p2p-circuit", "/ip4/8.8.8.8/tcp/1", "/ip4/8.8.8.8/tcp/1"))
        .containsExactly("0 /ip4/8.8.8.8/tcp/1");
  }

  @Test
  void triesNoMoreThan32Addresses() {
    String[] many =
        IntStream.rangeClosed(1, DialPlan.MAX_ADDRESSES + 1)
            .mapToObj(port -> "/ip4/8.8.8.8/tcp/" + port)
            .toArray(String[]::new);
    assertThat(plan(many)).hasSize(32).noneMatch(step -> step.endsWith("/33"));
  }
}
