package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ManifestClient.Offer;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * Fetches images: the main path of the node.
 *
 * <p><b>Thread:</b> any; {@link #prefetch} blocks its caller, an interrupt cancels it and keeps what has come.
 */
public final class Prefetcher implements AutoCloseable {
  /** After this many manifests that proved false, nobody is believed any more. */
  private static final int MAX_FALSE_MANIFESTS = 3;

  /** Peers that deliver at one time, over all fetches: each has a chunk of memory. */
  private static final int MAX_SOURCES = 256;

  private final Host host;
  private final ImageStore store;
  private final SegmentHasher hasher;
  private final RandomGenerator random;
  private final BufferPool buffers = new BufferPool(MAX_SOURCES, Geometry.CHUNK_BYTES);
  private final ExecutorService verifiers;
  private final LongAdder receivedBytes = new LongAdder();

  public Prefetcher(Host host, ImageStore store, SegmentHasher hasher, RandomGenerator random) {
    this.host = host;
    this.store = store;
    this.hasher = hasher;
    this.random = random;
    this.verifiers =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(), named("verify-"));
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger next = new AtomicInteger(1);
    return task -> {
      Thread thread = new Thread(task, prefix + next.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Finds who holds the image, fetches what is not here, verifies every chunk and the full SHA3.
   *
   * @param peers asked besides those that are connected; what they say outranks what others say
   * @throws InterruptedException if the caller was interrupted; what has come stays in the store
   */
  public FetchOutcome prefetch(ImageId image, List<Multiaddr> peers, ProgressSink sink)
      throws InterruptedException {
    Optional<StoredImage> held = store.image(image);
    if (held.isPresent()) {
      return new FetchOutcome.Complete(held.get(), Map.of(), 0);
    }
    try (Holders holders = Holders.search(host, image, peers, sink)) {
      String lastReason = "";
      for (int attempt = 0; attempt < MAX_FALSE_MANIFESTS; attempt++) {
        Optional<Offer> offer = holders.awaitOffer();
        if (offer.isEmpty()) {
          return attempt == 0
              ? new FetchOutcome.NotFound(holders.whyNone())
              : new FetchOutcome.VerificationFailed(lastReason);
        }
        FetchOutcome outcome = fetch(offer.get(), holders, sink);
        if (!(outcome instanceof FetchOutcome.VerificationFailed failed)) {
          return outcome;
        }
        lastReason = failed.reason();
        sink.note(lastReason);
        holders.disbelieve(offer.get().manifest().id());
      }
      return new FetchOutcome.VerificationFailed(lastReason);
    }
  }

  private FetchOutcome fetch(Offer offer, Holders holders, ProgressSink sink)
      throws InterruptedException {
    FetchRun run =
        new FetchRun(
            new FetchRun.Parts(
                host,
                store,
                hasher,
                random,
                buffers,
                verifiers,
                receivedBytes,
                ScheduleLimits.DEFAULT),
            offer.manifest(),
            holders,
            sink);
    return run.run();
  }

  /** Bytes of chunks that came since the start. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  @Override
  public void close() {
    verifiers.shutdownNow();
  }
}
