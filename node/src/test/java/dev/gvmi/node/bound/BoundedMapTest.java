package dev.gvmi.node.bound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundedMapTest {
  @Test
  void theOldestIsForgottenWhetherOrNotItIsUsed() {
    Map<String, Integer> map = BoundedMap.forgettingOldest(2);
    map.put("a", 1);
    map.put("b", 2);
    map.put("a", 3);
    map.get("a");
    map.computeIfAbsent("c", key -> 4);
    assertThat(map).containsExactly(Map.entry("b", 2), Map.entry("c", 4));
  }

  @Test
  void theLeastRecentlyUsedIsForgotten() {
    Map<String, Integer> map = BoundedMap.forgettingLeastUsed(2);
    map.put("a", 1);
    map.put("b", 2);
    map.get("a");
    map.computeIfAbsent("c", key -> 3);
    assertThat(map).containsExactly(Map.entry("a", 1), Map.entry("c", 3));
  }
}
