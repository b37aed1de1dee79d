package dev.gvmi.libp2p.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private static final HostLimits WIDE = new HostLimits(9, 9, 1, 9, 1, 1);

  private Instant now = Instant.EPOCH;
  private int port = 1000;
  private final List<String> evicted = new ArrayList<>();

  private Admission admission(HostLimits limits) {
    return new Admission(limits, () -> now);
  }

  private Multiaddr address(int last) {
    return Multiaddr.parse("/ip4/192.0.2." + last + "/tcp/" + port++);
  }

  private Optional<Admission.Place> inbound(Admission admission, int last) {
    return admission.admitInbound(address(last), () -> evicted.add("" + last));
  }

  private void established(Admission admission, int last) {
    inbound(admission, last).orElseThrow().established();
  }

  @Test
  void refusesOneConnectionOverTheTotal() {
    Admission admission = admission(new HostLimits(2, 2, 1, 2, 1, 1));
    Admission.Place first = admission.admitOutbound(address(1)).orElseThrow();
    established(admission, 2);
    assertThat(admission.admitOutbound(address(3))).isEmpty();
    assertThat(inbound(admission, 3)).isEmpty();
    first.close();
    first.close();
    assertThat(admission.counts().outbound()).isZero();
    assertThat(admission.counts().inbound()).isEqualTo(1);
    assertThat(admission.admitOutbound(address(3))).isPresent();
  }

  @Test
  void refusesOneConnectionOverTheLimitOfADirection() {
    Admission admission = admission(WIDE.withDirections(2, 1));
    established(admission, 1);
    established(admission, 2);
    assertThat(inbound(admission, 3)).isEmpty();
    assertThat(admission.admitOutbound(address(4))).isPresent();
    assertThat(admission.admitOutbound(address(5))).isEmpty();
    assertThat(admission.counts().refused()).isEqualTo(1);
  }

  @Test
  void isCrowdedWhenOneInEightPlacesIsLeft() {
    Admission admission = admission(new HostLimits(99, 9, 1, 9, 1, 1).withDirections(16, 8));
    for (int i = 1; i <= 14; i++) {
      established(admission, i);
    }
    assertThat(admission.isCrowded(true)).isFalse();
    established(admission, 15);
    assertThat(admission.isCrowded(true)).isTrue();
    assertThat(admission.isCrowded(false)).isFalse();
  }

  @Test
  void refusesOneInboundConnectionOverTheLimitOfAnIp() {
    Admission admission = admission(new HostLimits(9, 2, 1, 9, 1, 1));
    established(admission, 1);
    established(admission, 1);
    assertThat(inbound(admission, 1)).isEmpty();
    assertThat(inbound(admission, 2)).isPresent();
    assertThat(admission.counts().mostOfIp()).isEqualTo(2);
  }

  @Test
  void countsAPublicIp6Network56AsOneIp() {
    Admission admission = admission(new HostLimits(9, 1, 1, 9, 1, 1));
    String[] addresses = {
      "/ip6/2600:1:2:300::1/tcp/1", "/ip6/2600:1:2:3ff::9/tcp/2", "/ip6/2600:1:2:400::1/tcp/1"
    };
    List<Boolean> admitted = new ArrayList<>();
    for (String address : addresses) {
      Optional<Admission.Place> place = admission.admitInbound(Multiaddr.parse(address), () -> {});
      place.ifPresent(Admission.Place::established);
      admitted.add(place.isPresent());
    }
    assertThat(admitted).containsExactly(true, false, true);
  }

  @Test
  void countsEachAddressOfALanAlone() {
    Admission admission = admission(new HostLimits(9, 1, 1, 9, 1, 1));
    assertThat(admission.admitInbound(Multiaddr.parse("/ip6/fd00::1/tcp/1"), () -> {})).isPresent();
    assertThat(admission.admitInbound(Multiaddr.parse("/ip6/fd00::2/tcp/1"), () -> {})).isPresent();
    assertThat(evicted).isEmpty();
  }

  @Test
  void pendingHandshakesCountUntilTheyAreDone() {
    Admission admission = admission(new HostLimits(9, 9, 1, 1, 1, 1));
    Admission.Place pending = inbound(admission, 1).orElseThrow();
    assertThat(inbound(admission, 2)).isEmpty();
    assertThat(admission.admitOutbound(address(2))).isPresent();
    pending.established();
    assertThat(admission.counts().pendingInbound()).isZero();
    assertThat(inbound(admission, 2)).isPresent();
  }

  @Test
  void whoHasMostHandshakesMakesPlaceForOthers() {
    Admission admission = admission(new HostLimits(9, 9, 1, 3, 1, 1));
    inbound(admission, 1);
    inbound(admission, 7);
    inbound(admission, 7);
    assertThat(inbound(admission, 2)).isPresent();
    assertThat(evicted).containsExactly("7");
    assertThat(admission.counts().pendingInbound()).isEqualTo(3);
    assertThat(inbound(admission, 3)).as("all have one").isEmpty();
    assertThat(admission.counts().evicted()).isEqualTo(1);
  }

  @Test
  void anUnusuallyLongHandshakeMakesPlaceForAnybody() {
    Admission admission = admission(new HostLimits(9, 9, 1, 2, 1, 1));
    inbound(admission, 1);
    now = now.plus(Admission.PATIENCE);
    inbound(admission, 2);
    assertThat(inbound(admission, 3)).isEmpty();
    now = now.plusNanos(1);
    assertThat(inbound(admission, 3)).isPresent();
    assertThat(evicted).containsExactly("1");
  }

  @Test
  void anIpWithAllItsPlacesGetsOneFromItsOwnOldestHandshake() {
    Admission admission = admission(new HostLimits(9, 2, 1, 9, 1, 1));
    Admission.Place oldest = inbound(admission, 1).orElseThrow();
    inbound(admission, 1);
    assertThat(inbound(admission, 1)).isPresent();
    assertThat(evicted).containsExactly("1");
    oldest.close();
    assertThat(admission.counts().inbound()).as("given back once").isEqualTo(2);
  }
}
