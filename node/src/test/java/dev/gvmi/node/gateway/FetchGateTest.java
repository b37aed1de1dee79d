package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class FetchGateTest {
  private final AtomicLong now = new AtomicLong(5);

  private FetchGate gate(int atOnce, int perMinute) {
    Duration any = Duration.ofSeconds(1);
    return new FetchGate(
        new GatewayLimits(1, 1, 1, atOnce, perMinute, 1, any, any, any, 1, any), now::get);
  }

  @Test
  void oneMoreThanAtOneTimeIsRefused() {
    FetchGate gate = gate(2, 100);
    assertThat(gate.begin()).isTrue();
    assertThat(gate.begin()).isTrue();
    assertThat(gate.begin()).isFalse();
    gate.ended();
    assertThat(gate.begin()).isTrue();
  }

  @Test
  void oneMoreThanInAMinuteIsRefused() {
    FetchGate gate = gate(100, 2);
    assertThat(gate.begin()).isTrue();
    now.addAndGet(Duration.ofSeconds(30).toNanos());
    assertThat(gate.begin()).isTrue();
    gate.ended();
    gate.ended();
    assertThat(gate.begin()).isFalse();
    now.addAndGet(Duration.ofSeconds(30).toNanos());
    assertThat(gate.begin()).isTrue();
    assertThat(gate.begin()).isFalse();
  }
}
