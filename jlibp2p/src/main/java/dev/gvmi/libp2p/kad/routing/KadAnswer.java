package dev.gvmi.libp2p.kad.routing;

import java.util.List;

/** What a node answers: peers nearer to the key, the nearest first, and who provides it. */
public record KadAnswer(List<KadPeer> closer, List<KadPeer> providers) {
  public static final KadAnswer EMPTY = new KadAnswer(List.of(), List.of());

  public KadAnswer {
    closer = List.copyOf(closer);
    providers = List.copyOf(providers);
  }
}
