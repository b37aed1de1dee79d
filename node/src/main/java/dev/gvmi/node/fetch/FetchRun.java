package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.cache.Space;
import dev.gvmi.node.delta.CopyPlan;
import dev.gvmi.node.rate.PeerRates;
import dev.gvmi.node.schedule.Action;
import dev.gvmi.node.schedule.ChunkScheduler;
import dev.gvmi.node.schedule.Event;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ChunkLink;
import dev.gvmi.node.transfer.ChunkSource;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ChunkResult;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One fetch under one manifest: chunks are verified and stored, and segments hashed, on the
 * verifier's threads, and this thread alone decides.
 *
 * <p><b>Thread:</b> {@link #run} is the owner; {@link ChunkLink.Listener} methods come from the
 * links, {@link ChunkHashing.Sink} ones from who hashes, {@link LocalCopy.Sink} ones from the copy,
 * and only post.
 */
final class FetchRun implements ChunkLink.Listener, ChunkHashing.Sink, LocalCopy.Sink {
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration LOOK = Duration.ofMillis(10);

  /** What a run works with; the last four outlive it. */
  record Parts(
      Host host,
      ImageStore store,
      SegmentHasher hasher,
      ChunkHashing.Parts chunks,
      RandomGenerator random,
      BufferPool buffers,
      Received received,
      Pace pace,
      PeerRates peerRates,
      ScheduleLimits limits,
      Space space,
      Sources sources,
      ManifestVotes votes,
      Steering steering,
      OriginRace origin,
      ProgressSink sink) {}

  /** Finds out what can be copied of what is here. */
  @FunctionalInterface
  interface Planner {
    /** It may take a while. */
    Optional<CopyPlan> plan() throws InterruptedException;
  }

  private final Parts parts;
  private final Manifest manifest;
  private final Geometry geometry;
  private final Holders holders;
  private final Space.Reservation room;
  private final Planner planner;
  private final PartialImage partial;
  private final ImageVerifier verifier;
  private final ChunkHashing chunkHashing;
  private final SegmentHashing hashing;
  private final ChunkScheduler scheduler;
  private final PeerPace peerPace;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Map<PeerId, ChunkSource> links = new HashMap<>();
  private final BitSet stored;

  /** Who sent wrong bytes. */
  private final Set<PeerId> wrong = new HashSet<>();

  /** Copies what is here in other images; null when there is nothing (left) to copy. */
  private @Nullable LocalCopy copy;

  private long storedBytes;
  private volatile @Nullable RuntimeException fault;
  private final Patience patience = new Patience(System.nanoTime());
  private long lastLook = System.nanoTime();
  private long lastTick = System.nanoTime();
  private String lastReason = "";

  FetchRun(
      Parts parts, Manifest manifest, Holders holders, Space.Reservation room, Planner planner) {
    this.parts = parts;
    this.manifest = manifest;
    this.geometry = manifest.geometry();
    this.holders = holders;
    this.room = room;
    this.planner = planner;
    this.partial = parts.store().openPartial(manifest);
    this.stored = partial.chunks();
    parts.sources().keep(stored);
    this.storedBytes = stored.stream().mapToLong(geometry::chunkLength).sum();
    this.verifier = new ImageVerifier(manifest, parts.hasher(), partial.verifiedSegments());
    this.chunkHashing = new ChunkHashing(verifier, parts.chunks(), this);
    this.hashing = new SegmentHashing(verifier, partial, parts.chunks().threads(), tasks::add);
    this.scheduler = new ChunkScheduler(geometry, stored, parts.limits(), parts.random());
    this.peerPace = new PeerPace(parts.peerRates(), scheduler);
  }

  /** Nothing is kept open when it returns or throws; what has come is on disk. */
  FetchOutcome run() throws InterruptedException {
    try {
      parts.sink().arriving(new ArrivingPartial(partial));
      hashing.submitReady(stored);
      parts.steering().events(geometry).forEach(this::on);
      // nothing is asked for before it is known what is here; peers may say meanwhile what they
      // hold
      on(new Event.Allowance(0));
      holders.take(manifest.id()).forEach(this::join);
      startCopy();
      patience.chunk(System.nanoTime()); // its time begins
      joinOrigin();
      allow();
      while (!scheduler.isComplete()) {
        Runnable task = tasks.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (task != null) {
          task.run();
        }
        failOnFault();
        allow();
        tick();
        Optional<String> givenUp = lookAround();
        if (givenUp.isPresent()) {
          return new FetchOutcome.Incomplete(geometry.sizeBytes() - storedBytes, givenUp.get());
        }
      }
      closeLinks();
      chunkHashing.close();
      return verify();
    } finally {
      closeLinks();
      if (copy != null) {
        copy.close();
      }
      chunkHashing.close();
      hashing.stop();
      partial.close();
    }
  }

  private void startCopy() throws InterruptedException {
    LocalCopy here =
        new LocalCopy(
            new LocalCopy.From(planner.plan(), parts.origin().prefix()),
            geometry,
            stored,
            parts.store(),
            parts.buffers());
    if (!here.isEmpty()) {
      copy = here;
      on(new Event.Copying(here.chunks()));
      here.start(this);
    }
  }

  private void join(PeerId peer) {
    try {
      links.put(peer, ChunkLink.open(parts.host(), peer, manifest, parts.buffers(), this));
      on(new Event.Joined(peer));
      allowEach();
    } catch (IOException e) {
      holders.left(peer);
      lastReason = "peer " + peer + ": " + e.getMessage();
    }
  }

  private void joinOrigin() {
    parts
        .origin()
        .source(manifest, parts.buffers(), this)
        .ifPresent(source -> {
          links.put(source.peer(), source);
          on(new Event.Joined(source.peer()));
        });
  }

  private void on(Event event) {
    for (Action action : scheduler.on(event, System.nanoTime())) {
      switch (action) {
        case Action.Request request -> {
          ChunkSource link = links.get(request.peer());
          if (link != null) {
            link.request(request.first(), request.count());
          }
        }
        case Action.Cancel cancel -> {
          ChunkSource link = links.get(cancel.peer());
          if (link != null) {
            link.cancel(cancel.chunk());
          }
        }
        case Action.Drop drop -> {
          ChunkSource link = links.get(drop.peer());
          if (link != null) {
            link.close("it stands still");
          }
        }
      }
    }
    chunkHashing.underWay(scheduler.outstanding());
  }

  // ---- from the links ----

  @Override
  public void holds(PeerId peer, BitSet chunks) {
    Event event = new Event.Holds(peer, chunks);
    tasks.add(() -> on(event));
  }

  @Override
  public void handed(PeerId peer, BitSet chunks) {
    tasks.add(() -> on(new Event.Handed(peer, chunks)));
  }

  @Override
  public void heardOf(PeerId peer, List<byte[]> records) {
    holders.heardOf(peer, records);
  }

  @Override
  public ByteBuffer arrived(PeerId peer, UnverifiedChunk chunk) throws IOException {
    parts.received().bytes().add(chunk.bytes().remaining());
    return chunkHashing.add(peer, chunk);
  }

  // ---- from the hashing of chunks ----

  @Override
  public void hashed(PeerId peer, ChunkResult result, int length) {
    switch (result) {
      case VerifiedChunk verified -> {
        parts.received().verified().increment();
        store(peer, verified, length);
      }
      case ChunkResult.Mismatch mismatch -> {
        parts.received().wrong().increment();
        parts.sources().wasted(length);
        if (!peer.equals(OriginSource.ID)) {
          // it is left out of this run only: the manifest may be the liar
          holders.ban(peer);
        }
        tasks.add(() -> banned(peer, mismatch));
      }
    }
  }

  @Override
  public void failed(RuntimeException reason) {
    fault = reason;
  }

  private void write(VerifiedChunk chunk) {
    try {
      partial.write(chunk);
    } catch (RuntimeException e) {
      fault = e;
      throw e;
    }
  }

  private void store(PeerId peer, VerifiedChunk chunk, int length) {
    write(chunk);
    int index = chunk.index();
    tasks.add(() -> stored(peer, index, length));
  }

  private void stored(PeerId peer, int index, int length) {
    if (stored.get(index)) {
      parts.sources().wasted(length);
    } else {
      stored.set(index);
      storedBytes += length;
      parts.sources().stored(peer, index, length);
      patience.chunk(System.nanoTime());
      holders.delivered(peer);
    }
    on(new Event.Stored(peer, index));
    hashing.submitReady(stored, index);
  }

  // ---- from the copy ----

  @Override
  public boolean copied(UnverifiedChunk chunk, boolean fromOrigin) {
    int length = chunk.bytes().remaining();
    return switch (verifier.verify(chunk)) {
      case VerifiedChunk verified -> {
        write(verified);
        tasks.add(() -> copied(verified.index(), length, fromOrigin));
        yield true;
      }
      case ChunkResult.Mismatch mismatch -> false;
    };
  }

  private void copied(int index, int length, boolean fromOrigin) {
    if (!stored.get(index)) {
      stored.set(index);
      storedBytes += length;
      if (fromOrigin) {
        parts.sources().stored(OriginSource.ID, index, length);
      } else {
        parts.sources().copied(length);
      }
      patience.chunk(System.nanoTime());
    }
    on(new Event.Copied(index));
    hashing.submitReady(stored, index);
  }

  @Override
  public void missed(BitSet chunks) {
    Event event = new Event.NotCopied(chunks);
    tasks.add(() -> on(event));
  }

  @Override
  public void ended() {
    tasks.add(() -> copy = null);
  }

  private void banned(PeerId peer, ChunkResult.Mismatch mismatch) {
    if (wrong.add(peer)) { // it may have sent more before it was found out
      parts
          .sink()
          .note(
              name(peer)
                  + " sent wrong bytes for chunk "
                  + mismatch.index()
                  + " and is not asked again");
    }
    String reason = "chunk " + mismatch.index() + ": " + mismatch.reason();
    List.copyOf(links.values()).stream()
        .filter(link -> link.peer().equals(peer) || holders.isBanned(link.peer()))
        .forEach(link -> link.close(reason));
  }

  @Override
  public void refused(PeerId peer, int chunk) {
    tasks.add(() -> on(new Event.Refused(peer, chunk)));
  }

  @Override
  public void busy(PeerId peer, int chunk, Duration until) {
    tasks.add(() -> on(new Event.Busy(peer, chunk, until.toNanos())));
  }

  @Override
  public void ended(PeerId peer, String reason) {
    tasks.add(() -> {
      if (links.remove(peer) != null) {
        holders.left(peer);
        lastReason = name(peer) + ": " + reason;
        on(new Event.Left(peer));
      }
    });
  }

  private static String name(PeerId peer) {
    return peer.equals(OriginSource.ID) ? "the origin" : "peer " + peer;
  }

  // ---- the end ----

  private void failOnFault() {
    RuntimeException failed = fault != null ? fault : hashing.fault();
    if (failed != null) {
      throw failed;
    }
    if (room.isRevoked()) {
      throw new StoreException(
          StoreException.Kind.NO_SPACE,
          "image "
              + manifest.image()
              + " had to make room for one whose size is confirmed; what came is kept: name a holder with --peer, or raise the quota");
    }
  }

  /** Takes in who has come meanwhile, now and then; why the fetch is given up, or empty. */
  private Optional<String> lookAround() {
    long now = System.nanoTime();
    if (now - lastLook < LOOK.toNanos()) {
      return Optional.empty();
    }
    lastLook = now;
    chunkHashing.tick(now);
    hashing.tick(now);
    holders.take(manifest.id()).forEach(this::join);
    int holding = links.size() + (tasks.isEmpty() ? 0 : 1) + (copy == null ? 0 : 1);
    boolean busy = scheduler.outstanding() > 0 || copy != null;
    return patience
        .spent(now, holding, busy, parts.votes().hasOther(manifest.id()))
        .map(why -> lastReason.isEmpty() ? why : why + ", the last: " + lastReason);
  }

  private void allowEach() {
    peerPace.events(links.keySet()).forEach(this::on);
  }

  /**
   * Chunks are asked for as its pace allows: what is not asked for does not come, and nobody has to
   * wait for it.
   */
  private void allow() {
    allowEach();
    int before = scheduler.allowance();
    Pace pace = parts.pace();
    int allowed =
        pace.isLimited()
            ? Pace.allowed(before, () -> pace.tryPass(Geometry.CHUNK_BYTES))
            : Integer.MAX_VALUE;
    if (allowed != before) {
      on(new Event.Allowance(allowed));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    if (now - lastTick >= TICK.toNanos()) {
      lastTick = now;
      Map<PeerId, Long> received = new HashMap<>();
      links.forEach((peer, link) -> received.put(peer, link.receivedBytes()));
      on(new Event.Tick(received));
      parts.steering().events(geometry).forEach(this::on);
      report(ProgressSink.Phase.FETCHING);
    }
  }

  private void report(ProgressSink.Phase phase) {
    parts
        .sink()
        .progress(
            new ProgressSink.FetchProgress(phase, storedBytes, geometry.sizeBytes(), peers()));
  }

  private int peers() {
    return links.size() - (links.containsKey(OriginSource.ID) ? 1 : 0);
  }

  private void closeLinks() {
    List.copyOf(links.values()).forEach(ChunkSource::close);
    holders.release(links.keySet());
    links.clear();
  }

  private FetchOutcome verify() throws InterruptedException {
    report(ProgressSink.Phase.VERIFYING);
    hashing.submitWaiting();
    while (!hashing.isDone()) {
      Runnable task = tasks.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
      if (task != null) {
        task.run();
      }
      failOnFault();
    }
    Optional<VerifiedImage> proof = verifier.result();
    if (proof.isEmpty()) {
      proof = hashing.inOrder();
    }
    if (proof.isEmpty()) {
      return new FetchOutcome.VerificationFailed(
          "the bytes that manifest "
              + manifest.id()
              + " describes do not hash to "
              + manifest.image());
    }
    StoredImage image = parts.store().complete(partial, proof.get());
    Sources sources = parts.sources();
    if (sources.copiedBytes() > 0) {
      String megabytes = String.format(Locale.ROOT, "%.1f MB", sources.copiedBytes() / 1e6);
      parts.sink().note(megabytes + " were already here in other images");
    }
    return new FetchOutcome.Complete(image, sources.bytesByPeer(), sources.wastedBytes());
  }
}
