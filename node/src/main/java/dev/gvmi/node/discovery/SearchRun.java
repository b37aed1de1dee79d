package dev.gvmi.node.discovery;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A search for the holders of one image: asks the DHT now and then, and is told of what else is
 * heard meanwhile. <b>Thread:</b> any; one of its own.
 */
final class SearchRun implements HolderSearch {
  /** A miss is told after this time at the latest. */
  private static final Duration FIRST_LOOK = Duration.ofMillis(1_900);

  /** So long the DHT may take to be joined at all, of the first look. */
  private static final Duration JOIN = Duration.ofMillis(1_300);

  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration MAX_AGAIN = Duration.ofSeconds(80);
  private static final int WANTED = 32;

  private final Parts parts;
  private final ImageId image;
  private final Consumer<Candidate> found;
  private final Consumer<SearchRun> onClose;
  private final Thread thread;
  private volatile boolean lookedInDht;

  /**
   * What a search works with.
   *
   * @param dht null: there is none
   * @param lanIsQuiet whether all on the LAN had the time to answer
   */
  record Parts(
      Host host, @Nullable ImageDht dht, Supplier<Boolean> lanIsQuiet, Contacts contacts) {}

  SearchRun(
      Parts parts,
      ImageId image,
      List<PeerId> announcers,
      Consumer<Candidate> found,
      Consumer<SearchRun> onClose) {
    this.parts = parts;
    this.image = image;
    this.found = found;
    this.onClose = onClose;
    this.lookedInDht = parts.dht() == null;
    this.thread =
        Thread.ofVirtual()
            .name("find-" + image.hex().substring(0, 8))
            .unstarted(() -> lookAgainAndAgain(announcers));
  }

  void start() {
    thread.start();
  }

  ImageId image() {
    return image;
  }

  /** Something was heard of a peer that is connected. */
  void tell(PeerId peer, FoundBy by) {
    found.accept(new Candidate(peer, List.of(), by));
  }

  private void lookAgainAndAgain(List<PeerId> announcers) {
    announcers.forEach(peer -> tell(peer, FoundBy.ANNOUNCED));
    ImageDht dht = parts.dht();
    if (dht == null) {
      return;
    }
    try {
      try {
        firstLook(dht);
      } finally {
        lookedInDht = true;
      }
      for (Duration wait = AGAIN; ; wait = longer(wait)) {
        TimeUnit.NANOSECONDS.sleep(wait.toNanos());
        dht.find(image, WANTED, LOOK, this::heardOf);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void firstLook(ImageDht dht) throws InterruptedException {
    long start = System.nanoTime();
    if (dht.awaitJoined(JOIN)) {
      Duration left = FIRST_LOOK.minusNanos(System.nanoTime() - start);
      dht.find(image, WANTED, left, this::heardOf);
    }
  }

  private static Duration longer(Duration wait) {
    Duration twice = wait.multipliedBy(2);
    return twice.compareTo(MAX_AGAIN) > 0 ? MAX_AGAIN : twice;
  }

  private void heardOf(KadPeer provider) {
    if (!provider.id().equals(parts.host().id())) {
      parts.contacts().note(provider.id(), FoundBy.DHT);
      found.accept(new Candidate(provider.id(), provider.addresses(), FoundBy.DHT));
    }
  }

  @Override
  public void note(Candidate candidate) {
    parts.contacts().note(candidate.peer(), candidate.by());
  }

  @Override
  public boolean lookedEverywhere() {
    return lookedInDht && parts.lanIsQuiet().get();
  }

  @Override
  public void close() {
    thread.interrupt();
    onClose.accept(this);
  }
}
