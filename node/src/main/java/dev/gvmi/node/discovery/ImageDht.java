package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.kad.KadConfig;
import dev.gvmi.libp2p.kad.KadMode;
import dev.gvmi.libp2p.kad.KadStatus;
import dev.gvmi.libp2p.kad.Kademlia;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.ProviderStore;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.sha256.Sha256;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Images in the DHT.
 *
 * <p><b>Shape:</b> the key of an image is the multihash {@code 12 20 ‖ SHA-256(multihash of the
 * image)}: servers of js-libp2p take no other digest in a provider key.
 *
 * <p><b>Thread:</b> any.
 */
final class ImageDht implements AutoCloseable {
  static final String PREFIX = "/gvmi";

  private static final Duration UPKEEP = Duration.ofSeconds(15);
  private static final long LOOK_MILLIS = 10;

  private final Kademlia kademlia;

  private ImageDht(Kademlia kademlia) {
    this.kademlia = kademlia;
  }

  /**
   * Takes part from now on. What was provided before a restart and is not held any more is not
   * provided any more.
   */
  static ImageDht start(
      Host host,
      ProviderStore store,
      DiscoveryConfig config,
      KadMode mode,
      Collection<ImageId> held,
      InstantSource clock,
      RandomGenerator random) {
    Set<KadKey> keys = new HashSet<>();
    held.forEach(image -> keys.add(KadKey.of(key(image))));
    List.copyOf(store.provided().keySet()).stream()
        .filter(key -> !keys.contains(key))
        .forEach(store::removeProvided);
    ImageDht dht =
        new ImageDht(
            Kademlia.start(
                host,
                KadConfig.ofPrefix(PREFIX).withIntervals(config.provideInterval(), UPKEEP),
                store,
                mode,
                clock,
                random));
    held.forEach(dht::provide);
    return dht;
  }

  static Multihash key(ImageId image) {
    return Multihash.of(Multihash.SHA2_256, Sha256.jdk().digest(image.multihash()));
  }

  void provide(ImageId image) {
    kademlia.provide(key(image));
  }

  void stopProviding(ImageId image) {
    kademlia.stopProviding(key(image));
  }

  /** Hands each provider to {@code found} as soon as it is heard of, on this thread. */
  void find(ImageId image, int wanted, Duration limit, Consumer<KadPeer> found)
      throws InterruptedException {
    kademlia.findProviders(key(image), wanted, limit, found);
  }

  /** Waits until it knows a node to ask; false if it does not within {@code limit}. */
  boolean awaitJoined(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (kademlia.status().peers() == 0) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return true;
  }

  void mode(KadMode mode) {
    kademlia.mode(mode);
  }

  KadStatus status() {
    return kademlia.status();
  }

  @Override
  public void close() {
    kademlia.close();
  }
}
