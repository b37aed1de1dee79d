package dev.gvmi.bench.swarm;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.manifest.Geometry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What all nodes share: time, chance, the image, and the DHT, which knows who has announced it. */
final class World {
  /** Of holders that one lookup wants. */
  private static final int WANTED = 32;

  /** From the first verified chunk to the record in the DHT. */
  private static final Duration PROVIDING = Duration.ofSeconds(1);

  private final Agenda agenda = new Agenda();
  private final Random random;
  private final Geometry geometry;
  private final List<SwarmNode> providers = new ArrayList<>();

  private final Duration tick;
  private final Duration telling;

  /**
   * @param tick between two looks of a scheduler at its peers
   * @param telling between two messages of what was gained
   */
  World(long sizeBytes, Duration tick, Duration telling, long seed) {
    this.tick = tick;
    this.telling = telling;
    this.random = new Random(seed);
    this.geometry = new Geometry(DigestAlgorithm.SHA3_224, sizeBytes);
  }

  Agenda agenda() {
    return agenda;
  }

  Duration tick() {
    return tick;
  }

  Duration telling() {
    return telling;
  }

  Random random() {
    return random;
  }

  Geometry geometry() {
    return geometry;
  }

  PeerId newId() {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return PeerId.of(Multihash.of(Multihash.SHA2_256, digest));
  }

  /** The node holds the image, or some of it. Its record stays when it is gone. */
  void provide(SwarmNode node) {
    agenda.after(PROVIDING.toNanos(), () -> providers.add(node));
  }

  /** A seeder, whose record is there from the start. */
  void provided(SwarmNode node) {
    providers.add(node);
  }

  /** Some that provide, as a lookup finds them. */
  Set<SwarmNode> find(SwarmNode asking) {
    Set<SwarmNode> found = new LinkedHashSet<>();
    for (int tries = 0;
        tries < 2 * WANTED && found.size() < Math.min(WANTED, providers.size());
        tries++) {
      SwarmNode node =
          providers.size() <= WANTED
              ? providers.get(tries % providers.size())
              : providers.get(random.nextInt(providers.size()));
      if (!node.equals(asking)) {
        found.add(node);
      }
    }
    return found;
  }
}
