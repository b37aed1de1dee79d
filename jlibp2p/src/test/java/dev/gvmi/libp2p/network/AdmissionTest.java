package dev.gvmi.libp2p.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private int port = 1000;
  private final Multiaddr one = address(1);

  private Multiaddr address(int last) {
    return Multiaddr.parse("/ip4/192.0.2." + last + "/tcp/" + port++);
  }

  @Test
  void refusesOneConnectionOverTheTotal() {
    Admission admission = new Admission(new HostLimits(2, 2, 1, 2, 1, 1));
    var first = admission.admit(one, false).orElseThrow();
    assertThat(admission.admit(address(2), false)).isPresent();
    assertThat(admission.admit(address(3), false)).isEmpty();
    first.close();
    first.close();
    assertThat(admission.connections()).isEqualTo(1);
    assertThat(admission.admit(address(3), false)).isPresent();
  }

  @Test
  void refusesOneInboundConnectionOverTheLimitOfAnIp() {
    Admission admission = new Admission(new HostLimits(9, 2, 1, 9, 1, 1));
    assertThat(admission.admit(one, true)).isPresent();
    assertThat(admission.admit(address(1), true)).isPresent();
    assertThat(admission.admit(address(1), true)).isEmpty();
    assertThat(admission.admit(address(2), true)).isPresent();
  }

  @Test
  void pendingHandshakesCountUntilTheyAreDone() {
    Admission admission = new Admission(new HostLimits(9, 9, 1, 1, 1, 1));
    var pending = admission.admit(one, true).orElseThrow();
    assertThat(admission.admit(address(2), true)).isEmpty();
    assertThat(admission.admit(address(2), false)).isPresent();
    pending.established();
    assertThat(admission.admit(address(2), true)).isPresent();
  }
}
