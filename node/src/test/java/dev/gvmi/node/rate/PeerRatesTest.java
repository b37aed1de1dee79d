package dev.gvmi.node.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class PeerRatesTest {
  private static final int PIECE = 10_000;

  private final AtomicLong nanos = new AtomicLong();
  private final PeerRates rates = new PeerRates(nanos::get);

  /** Bytes that pass in ten seconds, asked for a hundred times in each. */
  private long passed(String peer) {
    long passed = 0;
    for (int i = 0; i < 1000; i++) {
      while (rates.tryPassEach(peer, PIECE)) {
        passed += PIECE;
      }
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return passed;
  }

  @Test
  void eachPeerHasARateOfItsOwn() {
    rates.limitEach(new RateLimit(100_000));
    assertThat(passed("a")).isBetween(990_000L, 1_020_000L);
    assertThat(passed("b")).isBetween(990_000L, 1_020_000L);
    assertThat(rates.tryPassEach("c", PIECE)).isTrue();
    assertThat(rates.tryPassEach("c", PIECE)).isFalse();
    assertThat(rates.tryPassEach("d", PIECE)).isTrue();
  }

  @Test
  void aLimitIsChangedForThoseThatAreKnown() {
    rates.limitEach(new RateLimit(100_000));
    passed("a");
    rates.limitEach(new RateLimit(50_000));
    assertThat(passed("a")).isBetween(490_000L, 515_000L);
    rates.limitEach(RateLimit.NONE);
    assertThat(rates.tryPassEach("a", Integer.MAX_VALUE)).isTrue();
    assertThat(rates.tryPassEach("a", Integer.MAX_VALUE)).isTrue();
  }

  @Test
  void piecesAreAsSmallAsTheSlowerRateNeeds() {
    assertThat(rates.pieceBytes()).isEqualTo(RateGate.MAX_PIECE_BYTES);
    rates.limitEach(new RateLimit(400_000));
    assertThat(rates.pieceBytes()).isEqualTo(10_000);
    rates.all().limit(new RateLimit(200_000));
    assertThat(rates.pieceBytes()).isEqualTo(5_000);
  }

  @Test
  @Timeout(20)
  void whoWaitsGoesOnWhenTheLimitIsGone() throws Exception {
    rates.limitEach(new RateLimit(RateLimit.LEAST));
    rates.pass("a", 1_000_000);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                rates.pass("a", PIECE);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(waiting.join(Duration.ofMillis(200))).as("the clock stands still").isFalse();
    rates.limitEach(RateLimit.NONE);
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
  }
}
