package dev.gvmi.node.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FairTurnsTest {
  private final FairTurns<String, Integer> turns = new FairTurns<>();
  private final Map<String, Integer> served = new HashMap<>();

  private void serve(int times) {
    for (int i = 0; i < times; i++) {
      FairTurns.Turn<String, Integer> turn = turns.first().orElseThrow();
      turns.served(turn);
      served.merge(turn.party(), turn.purpose(), Integer::sum);
      turns.join(turn.party(), turn.purpose(), turn.purpose());
    }
  }

  @Test
  void aPartyWithEightTurnsGetsAsManyBytesAsOneWithOne() {
    for (int i = 0; i < 8; i++) {
      turns.join("greedy", 1000, 1000);
    }
    turns.join("modest", 1000, 1000);
    serve(1000);
    assertThat(served.get("greedy")).isCloseTo(served.get("modest"), within(10_000));
  }

  @Test
  void bytesCountAndNotTurns() {
    turns.join("large", 8000, 8000);
    turns.join("small", 1000, 1000);
    serve(900);
    assertThat(served.get("large")).isCloseTo(served.get("small"), within(8000));
  }

  @Test
  void whoWasAwayHasSavedNothingUp() {
    turns.join("a", 1000, 1000);
    serve(500);
    turns.join("b", 1000, 1000);
    served.clear();
    serve(100);
    assertThat(served.get("a")).isCloseTo(served.get("b"), within(2000));
  }

  @Test
  void whoLeavesIsNotServed() {
    FairTurns.Turn<String, Integer> first = turns.join("a", 1, 1);
    turns.join("b", 1, 1);
    turns.leave(first);
    assertThat(turns.first().orElseThrow().party()).isEqualTo("b");
    assertThat(turns.size()).isEqualTo(1);
  }

  @Test
  void remembersNoMorePartiesThanItsLimit() {
    FairTurns<Integer, Integer> many = new FairTurns<>();
    for (int i = 0; i <= FairTurns.MAX_CLOCKS; i++) {
      many.join(i, 10, i);
    }
    assertThat(many.size()).isEqualTo(FairTurns.MAX_CLOCKS + 1);
    for (int i = 0; i <= FairTurns.MAX_CLOCKS; i++) {
      assertThat(many.first().orElseThrow().purpose()).isEqualTo(i);
      many.served(many.first().orElseThrow());
    }
  }
}
