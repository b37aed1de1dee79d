package dev.gvmi.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.Lan;
import dev.gvmi.libp2p.Lan.Addresses;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Processes on machines of a LAN of their own find each other. Skipped without the privilege to
 * make one.
 */
@Timeout(60)
final class MdnsIT {
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private Lan lan(Addresses addresses) throws Exception {
    Lan lan = Lan.of(addresses);
    open.add(lan);
    return lan;
  }

  private MdnsProcess peer(Lan lan, int machine, String... addresses) throws Exception {
    return peer(lan, machine, HostKey.generate(new SecureRandom()).peerId(), addresses);
  }

  private MdnsProcess peer(Lan lan, int machine, PeerId id, String... addresses) throws Exception {
    MdnsProcess peer = MdnsProcess.start(lan, machine, id, addresses);
    open.add(peer);
    return peer;
  }

  private static String address(Addresses addresses, int machine) {
    return addresses == Addresses.IP6
        ? "/ip6/fd77::" + machine + "/tcp/4001"
        : "/ip4/10.77.0." + machine + "/tcp/4001";
  }

  @ParameterizedTest
  @EnumSource(Addresses.class)
  void peersFindEachOther(Addresses addresses) throws Exception {
    Lan lan = lan(addresses);
    MdnsProcess one = peer(lan, 1, address(addresses, 1), "/ip4/127.0.0.1/tcp/4001");
    MdnsProcess two = peer(lan, 2, address(addresses, 2));
    assertThat(one.found(two.id())).containsExactly(address(addresses, 2));
    assertThat(two.found(one.id())).containsExactly(address(addresses, 1));
  }

  @Test
  void peersOnOneMachineShareThePort() throws Exception {
    Lan lan = lan(Addresses.IP4);
    MdnsProcess one = peer(lan, 1, "/ip4/10.77.0.1/tcp/4001");
    MdnsProcess other = peer(lan, 1, "/ip4/10.77.0.1/tcp/4002");
    assertThat(one.found(other.id())).containsExactly("/ip4/10.77.0.1/tcp/4002");
    assertThat(other.found(one.id())).containsExactly("/ip4/10.77.0.1/tcp/4001");
  }

  @Test
  void anInterfaceThatComesLaterIsNoticed() throws Exception {
    Lan lan = lan(Addresses.IP4);
    lan.unplug(1);
    MdnsProcess one = peer(lan, 1, "/ip4/10.77.0.1/tcp/4001");
    assertThat(one.status()).contains("links=0").contains("no interface can multicast");
    MdnsProcess two = peer(lan, 2, "/ip4/10.77.0.2/tcp/4001");
    lan.plug(1);
    assertThat(one.found(two.id())).containsExactly("/ip4/10.77.0.2/tcp/4001");
    assertThat(one.status()).contains("links=1");
  }

  /**
   * A machine is told the address that it has a use for, and what comes on one network is not taken
   * on the other.
   */
  @Test
  void networksAreKeptApart() throws Exception {
    Lan lan = lan(Addresses.IP4);
    lan.secondCable();
    MdnsProcess one = peer(lan, 1, "/ip4/10.77.0.1/tcp/4001", "/ip4/10.78.0.1/tcp/4001");
    MdnsProcess two = peer(lan, 2, "/ip4/10.77.0.2/tcp/4001", "/ip4/10.78.0.2/tcp/4001");
    List<String> found = new ArrayList<>(one.found(two.id()));
    found.addAll(one.found(two.id()));
    assertThat(found)
        .containsExactlyInAnyOrder("/ip4/10.77.0.2/tcp/4001", "/ip4/10.78.0.2/tcp/4001");
    assertThat(one.status()).contains("links=2").contains("refused=0");
    assertThat(two.status()).contains("links=2").contains("refused=0");
  }

  /**
   * Far more messages than the limit, good and bad ones: they are left to the kernel, and peers are
   * found all the same.
   */
  @Test
  void aFloodKeepsNobodyFromBeingFound() throws Exception {
    Lan lan = lan(Addresses.IP4);
    MdnsProcess one = peer(lan, 1, "/ip4/10.77.0.1/tcp/4001");
    MdnsProcess flood = MdnsProcess.flood(lan, 2);
    open.add(flood);
    one.awaitStatus("held=[1-9]");
    MdnsProcess two = peer(lan, 2, "/ip4/10.77.0.2/tcp/4001");
    assertThat(two.found(one.id())).containsExactly("/ip4/10.77.0.1/tcp/4001");
    assertThat(one.cpuShare()).isLessThan(0.5);
  }
}
