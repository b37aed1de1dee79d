package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.cache.Space;
import dev.gvmi.node.discovery.HolderFinder;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.schedule.FetchShares;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.swarm.Blame;
import dev.gvmi.node.swarm.GroupBans;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.node.swarm.Standing;
import dev.gvmi.node.thread.FileThread;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.sha3.SegmentHasher;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Fetches images: the main path of the node.
 *
 * <p><b>Thread:</b> any; {@link #prefetch} blocks its caller, an interrupt cancels it and keeps
 * what has come.
 */
public final class Prefetcher implements AutoCloseable {
  /** Peers that deliver at one time, over all fetches: each has a chunk of memory. */
  private static final int MAX_SOURCES = 256;

  private final Parts parts;

  /** Chunks that wait to be hashed or are hashed, over all fetches: three times sixteen lanes. */
  private static final int MAX_HASHED = 48;

  private final BufferPool buffers = new BufferPool(MAX_SOURCES, Geometry.CHUNK_BYTES);
  private final BufferPool spare = new BufferPool(MAX_HASHED, Geometry.CHUNK_BYTES);
  private final ExecutorService verifiers;
  private final Received received = new Received();
  private final Standings standings = new Standings();
  private final FetchShares shares = new FetchShares(FetchShares.DEFAULT_IN_ALL);
  private final GroupBans groupBans = new GroupBans();
  private final Blame blame = new Blame();

  /**
   * What all fetches together keep to.
   *
   * @param origins what comes from HTTP servers
   * @param warmUp what nobody waits for
   */
  public record Bounds(Space space, PeerRates downloads, RateGate origins, RateGate warmUp) {
    /** Without rates of their own for origins and what nobody waits for. */
    public Bounds(Space space, PeerRates downloads) {
      this(space, downloads, new RateGate(System::nanoTime), new RateGate(System::nanoTime));
    }
  }

  /** The hashes of images, and of their chunks. */
  public record Hashing(SegmentHasher sha3, Sha256 sha256) {}

  /** What it works with. */
  public record Parts(
      Host host,
      ImageStore store,
      Hashing hashing,
      RandomGenerator random,
      Bounds bounds,
      InstantSource clock,
      HolderFinder finder) {
    /** For images of every size the format allows, from peers that are named or connected. */
    public Parts(Host host, ImageStore store, Hashing hashing, RandomGenerator random) {
      this(
          host,
          store,
          hashing,
          random,
          new Bounds(Space.of(() -> Long.MAX_VALUE), new PeerRates(System::nanoTime)),
          InstantSource.system(),
          HolderFinder.NONE);
    }
  }

  public Prefetcher(Parts parts) {
    this.parts = parts;
    this.verifiers =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(), FileThread.factory("verify-"));
  }

  /**
   * Finds who holds the image, fetches what is not here, verifies every chunk and the full SHA3.
   *
   * @param peers asked besides those that are connected; what they say outranks what others say
   * @throws InterruptedException if the caller was interrupted; what has come stays in the store
   * @throws StoreException of kind NO_SPACE also if the image is said to be larger than what is
   *     free
   */
  public FetchOutcome prefetch(ImageId image, List<Multiaddr> peers, ProgressSink sink)
      throws InterruptedException {
    return prefetch(image, peers, Wish.WHOLE, sink);
  }

  /**
   * Like {@link #prefetch(ImageId, List, ProgressSink)}, as it is wished: before or behind other
   * fetches, and with a reader who waits.
   */
  public FetchOutcome prefetch(ImageId image, List<Multiaddr> peers, Wish wish, ProgressSink sink)
      throws InterruptedException {
    Optional<StoredImage> held = parts.store().image(image);
    if (held.isPresent()) {
      return new FetchOutcome.Complete(held.get(), Map.of(), 0);
    }
    Standing standing = standings.of(image);
    ManifestVotes votes = new ManifestVotes(standing);
    Holders.Parts asking =
        new Holders.Parts(parts.host(), image, standing, groupBans, blame, parts.clock(), sink);
    try (Holders holders = Holders.search(asking, votes, peers, parts.finder());
        FetchShares.Ticket share = shares.join(wish.priority());
        OriginRace origin = new OriginRace(streamParts(wish), image, wish.origin(), sink);
        ManifestChoice choice = new ManifestChoice(parts.host(), image, votes, holders)) {
      Steering steering = new Steering(share, wish.reader());
      return new Attempts(image, holders, choice, runParts(wish, votes, steering, origin, sink))
          .run();
    }
  }

  private OriginStream.Parts streamParts(Wish wish) {
    Bounds bounds = parts.bounds();
    return new OriginStream.Parts(
        parts.store(),
        parts.hashing().sha3(),
        bounds.space(),
        new Pace(Stream.concat(Stream.of(bounds.origins()), gates(wish)).toList()),
        bounds.origins(),
        received.bytes());
  }

  private Stream<RateGate> gates(Wish wish) {
    Bounds bounds = parts.bounds();
    return switch (wish.priority()) {
      case TASK -> Stream.of(bounds.downloads().all());
      case WARM_UP -> Stream.of(bounds.warmUp(), bounds.downloads().all());
    };
  }

  private FetchRun.Parts runParts(
      Wish wish, ManifestVotes votes, Steering steering, OriginRace origin, ProgressSink sink) {
    return new FetchRun.Parts(
        parts.host(),
        parts.store(),
        parts.hashing().sha3(),
        new ChunkHashing.Parts(parts.hashing().sha256(), spare, verifiers),
        parts.random(),
        buffers,
        received,
        new Pace(gates(wish).toList()),
        parts.bounds().downloads(),
        ScheduleLimits.DEFAULT,
        parts.bounds().space(),
        new Sources(),
        votes,
        steering,
        origin,
        sink);
  }

  /** Who was found out since the start, the latest first. */
  public List<Blame.Entry> blame() {
    return blame.entries();
  }

  /** Bytes of chunks that came since the start. */
  public long receivedBytes() {
    return received.bytes().sum();
  }

  /** Chunks that came since the start and fit their manifest. */
  public long verifiedChunks() {
    return received.verified().sum();
  }

  /** Chunks that came since the start and did not. */
  public long wrongChunks() {
    return received.wrong().sum();
  }

  @Override
  public void close() {
    // They read from the store; of fetches that ended they begin nothing.
    Threads.awaitEnd(verifiers);
  }
}
