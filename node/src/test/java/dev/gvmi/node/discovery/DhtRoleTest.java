package dev.gvmi.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.kad.KadMode;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DhtRoleTest {
  private static List<Multiaddr> addresses(String ips) {
    return ips == null
        ? List.of()
        : Arrays.stream(ips.split(" ", -1))
            .map(ip -> Multiaddr.parse("/ip4/" + ip + "/tcp/1"))
            .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "AUTO, 127.0.0.1 192.168.1.5, , SERVER", // a LAN, or nobody yet
    "AUTO, 192.168.1.5, 192.168.1.6, SERVER",
    "AUTO, 192.168.1.5, 192.168.1.6 8.8.8.8, CLIENT", // behind NAT
    "AUTO, 192.168.1.5 8.8.4.4, 8.8.8.8, SERVER",
    "AUTO, , 192.168.1.6, CLIENT", // listens nowhere
    "SERVER, 192.168.1.5, 8.8.8.8, SERVER",
    "CLIENT, 8.8.4.4, 8.8.8.8, CLIENT",
  })
  void isAServerWhereOthersCanReachIt(DhtRole role, String own, String peers, KadMode mode) {
    assertThat(role.mode(addresses(own), addresses(peers))).isEqualTo(mode);
  }
}
