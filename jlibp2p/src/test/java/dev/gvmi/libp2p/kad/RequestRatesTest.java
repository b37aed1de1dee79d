package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.libp2p.kad.routing.TestPeers;
import dev.gvmi.libp2p.peer.PeerId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RequestRatesTest {
  private final TestPeers peers = new TestPeers(1);
  private final PeerId peer = peers.id();
  private final RequestRates rates = new RequestRates(2, 5);
  private Instant now = Instant.ofEpochSecond(1_000_000);

  private int allowed(PeerId of, int tries) {
    int count = 0;
    for (int i = 0; i < tries; i++) {
      count += rates.allow(of, now) ? 1 : 0;
    }
    return count;
  }

  @Test
  void allowsABurstThenSoManyASecond() {
    assertThat(allowed(peer, 10)).isEqualTo(5);
    now = now.plusSeconds(1);
    assertThat(allowed(peer, 10)).isEqualTo(2);
    now = now.plusSeconds(100);
    assertThat(allowed(peer, 10)).isEqualTo(5);
  }

  @Test
  void onePeerTakesNothingFromAnother() {
    allowed(peer, 10);
    assertThat(allowed(peers.id(), 10)).isEqualTo(5);
  }

  @Test
  void manyPeersTogetherAreBoundedToo() {
    int all = 0;
    for (int i = 0; i < 100; i++) {
      all += allowed(peers.id(), 10);
    }
    assertThat(all).isEqualTo(50);
  }

  @Test
  void manyAtShortIntervalsLeaveTheOthersTheirs() {
    allowed(peer, 10);
    int more = 0;
    for (int i = 0; i < 10_000; i++) {
      now = now.plusNanos(200_000);
      more += allowed(peer, 1);
    }
    assertThat(more).isBetween(3, 4);
  }

  @Test
  void aClockThatGoesBackGivesNothing() {
    allowed(peer, 10);
    now = now.minusSeconds(100);
    assertThat(allowed(peer, 10)).isZero();
  }
}
