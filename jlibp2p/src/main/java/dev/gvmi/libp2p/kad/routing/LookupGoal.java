package dev.gvmi.libp2p.kad.routing;

/** What a lookup is for, and when it has enough. */
public sealed interface LookupGoal {
  /** The k peers nearest to the key. */
  record Closest() implements LookupGoal {}

  /** The addresses of the peer that the key names; enough when it has answered itself. */
  record Peer() implements LookupGoal {}

  /**
   * Who provides the key; enough with {@code wanted} of them, half of which at most count from one
   * path.
   */
  record Providers(int wanted) implements LookupGoal {
    public Providers {
      if (wanted < 1) {
        throw new IllegalArgumentException("providers wanted: " + wanted);
      }
    }
  }
}
