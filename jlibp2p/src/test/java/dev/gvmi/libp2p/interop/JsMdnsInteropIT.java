package dev.gvmi.libp2p.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Lan;
import dev.gvmi.libp2p.mdns.MdnsProcess;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A js-libp2p peer and ours find each other by multicast DNS, on two machines and on one. Skipped,
 * with the reason, where the js-libp2p peer is not installed, or the privilege to make machines is
 * missing.
 */
@Timeout(120)
final class JsMdnsInteropIT {
  private static PeerId someId() {
    return HostKey.generate(new SecureRandom()).peerId();
  }

  @Test
  void jsAndWeFindEachOther() throws Exception {
    Path directory = JsPeer.assumeInstalled();
    try (Lan lan = Lan.of(Lan.Addresses.IP4)) {
      lan.ip(1, "route add 224.0.0.0/4 dev lan"); // js lets the routes choose the interface
      List<String> command =
          List.of("node", "mdns.mjs", MdnsProcess.SERVICE, "/ip4/10.77.0.1/tcp/0");
      try (MdnsProcess js = MdnsProcess.start(lan, 1, command, directory);
          MdnsProcess beside = MdnsProcess.start(lan, 1, someId(), "/ip4/10.77.0.1/tcp/4001");
          MdnsProcess ours = MdnsProcess.start(lan, 2, someId(), "/ip4/10.77.0.2/tcp/4001")) {
        assertThat(js.found(ours.id())).containsExactly("/ip4/10.77.0.2/tcp/4001");
        assertThat(js.found(beside.id())).containsExactly("/ip4/10.77.0.1/tcp/4001");
        List<String> address = ours.found(js.id());
        assertThat(address).singleElement().asString().matches("/ip4/10\\.77\\.0\\.1/tcp/[0-9]+");
        assertThat(beside.found(js.id())).isEqualTo(address);
      }
    }
  }
}
