package dev.gvmi.libp2p.transport.memory;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What goes wrong on the way between two machines. Each direction of each connection draws from its
 * own generator, made from the seed and the number of the connection; what thread runs when is not
 * seeded.
 *
 * @param leastDelay shortest time that a piece is on its way
 * @param mostDelay longest time; a later piece never overtakes an earlier one
 * @param breakChance how likely the connection breaks whenever a piece is sent, 0 to 1
 */
public record MemoryFaults(long seed, Duration leastDelay, Duration mostDelay, double breakChance) {
  private static final Duration LONGEST = Duration.ofHours(1);

  public static final MemoryFaults NONE = new MemoryFaults(0, Duration.ZERO, Duration.ZERO, 0);

  public MemoryFaults {
    boolean inOrder =
        !leastDelay.isNegative()
            && leastDelay.compareTo(mostDelay) <= 0
            && mostDelay.compareTo(LONGEST) <= 0;
    if (!inOrder || !(breakChance >= 0 && breakChance <= 1)) {
      throw new IllegalArgumentException(
          "delay " + leastDelay + " to " + mostDelay + ", chance " + breakChance);
    }
  }

  long delayNanos(RandomGenerator random) {
    long least = leastDelay.toNanos();
    long most = mostDelay.toNanos();
    return least == most ? least : random.nextLong(least, most);
  }

  boolean breaks(RandomGenerator random) {
    return breakChance > 0 && random.nextDouble() < breakChance;
  }
}
