package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.schedule.Action;
import dev.gvmi.node.schedule.ChunkScheduler;
import dev.gvmi.node.schedule.Event;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ChunkLink;
import dev.gvmi.node.transfer.ManifestClient.Offer;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ChunkResult;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import dev.gvmi.protocol.verify.VerifiedChunk;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One fetch under one manifest: chunks are verified and stored on the threads of their links, segments are hashed on the
 * verifier's threads, and this thread alone decides.
 *
 * <p><b>Thread:</b> {@link #run} is the owner; {@link ChunkLink.Listener} methods come from the links and only post.
 */
final class FetchRun implements ChunkLink.Listener {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration TICK = Duration.ofMillis(100);

  /** What a run works with. */
  record Parts(
      Host host,
      ImageStore store,
      SegmentHasher hasher,
      RandomGenerator random,
      BufferPool buffers,
      ExecutorService verifiers,
      LongAdder receivedBytes,
      ScheduleLimits limits) {}

  private final Parts parts;
  private final Manifest manifest;
  private final Geometry geometry;
  private final Holders holders;
  private final ProgressSink sink;
  private final PartialImage partial;
  private final ImageVerifier verifier;
  private final SegmentHashing hashing;
  private final ChunkScheduler scheduler;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Map<PeerId, ChunkLink> links = new HashMap<>();
  private final Map<PeerId, LongAdder> received = new ConcurrentHashMap<>();
  private final LongAdder wasted = new LongAdder();
  private final BitSet stored;
  private long storedBytes;
  private volatile @Nullable RuntimeException fault;
  private long aloneSince = System.nanoTime();
  private long lastTick = System.nanoTime();
  private String lastReason = "";

  FetchRun(Parts parts, Manifest manifest, Holders holders, ProgressSink sink) {
    this.parts = parts;
    this.manifest = manifest;
    this.geometry = manifest.geometry();
    this.holders = holders;
    this.sink = sink;
    this.partial = parts.store().openPartial(manifest);
    this.stored = partial.chunks();
    this.storedBytes = stored.stream().mapToLong(geometry::chunkLength).sum();
    this.verifier = new ImageVerifier(manifest, parts.hasher(), partial.verifiedSegments());
    this.hashing = new SegmentHashing(verifier, partial, parts.verifiers(), tasks::add);
    this.scheduler = new ChunkScheduler(geometry, stored, parts.limits(), parts.random());
  }

  FetchOutcome run() throws InterruptedException {
    boolean finished = false;
    try {
      hashing.submitReady(stored);
      while (!scheduler.isComplete()) {
        join(holders.takeOffers(manifest.id()));
        Runnable task = tasks.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
        if (task != null) {
          task.run();
        }
        failOnFault();
        tick();
        if (isAbandoned()) {
          return new FetchOutcome.Incomplete(geometry.sizeBytes() - storedBytes, whyAbandoned());
        }
      }
      closeLinks();
      FetchOutcome outcome = verify();
      finished = true;
      return outcome;
    } finally {
      closeLinks();
      hashing.stop();
      if (!finished) {
        partial.close();
      }
    }
  }

  private void join(List<Offer> offers) {
    for (Offer offer : offers) {
      if (links.containsKey(offer.peer())) {
        continue;
      }
      try {
        links.put(
            offer.peer(),
            ChunkLink.open(parts.host(), offer.peer(), manifest, parts.buffers(), this));
        on(new Event.Joined(offer.peer()));
      } catch (IOException e) {
        holders.left(offer.peer());
        lastReason = String.valueOf(e.getMessage());
      }
    }
  }

  private void on(Event event) {
    for (Action action : scheduler.on(event, System.nanoTime())) {
      switch (action) {
        case Action.Request request -> {
          ChunkLink link = links.get(request.peer());
          if (link != null) {
            link.request(request.first(), request.count());
          }
        }
        case Action.Cancel cancel -> {
          ChunkLink link = links.get(cancel.peer());
          if (link != null) {
            link.cancel(cancel.chunk());
          }
        }
        case Action.Drop drop -> {
          ChunkLink link = links.get(drop.peer());
          if (link != null) {
            link.close("it stands still");
          }
        }
      }
    }
  }

  // ---- from the links ----

  @Override
  public void holds(PeerId peer, BitSet chunks) {
    Event event = new Event.Holds(peer, chunks);
    tasks.add(() -> on(event));
  }

  @Override
  public void arrived(PeerId peer, UnverifiedChunk chunk) throws IOException {
    int length = chunk.bytes().remaining();
    parts.receivedBytes().add(length);
    switch (verifier.verify(chunk)) {
      case VerifiedChunk verified -> store(peer, verified, length);
      case ChunkResult.Mismatch mismatch -> {
        wasted.add(length);
        tasks.add(() -> ban(peer, mismatch));
        throw new IOException("chunk " + mismatch.index() + ": " + mismatch.reason());
      }
    }
  }

  private void store(PeerId peer, VerifiedChunk chunk, int length) {
    try {
      partial.write(chunk);
    } catch (RuntimeException e) {
      fault = e;
      throw e;
    }
    int index = chunk.index();
    tasks.add(() -> stored(peer, index, length));
  }

  private void stored(PeerId peer, int index, int length) {
    if (stored.get(index)) {
      wasted.add(length);
    } else {
      stored.set(index);
      storedBytes += length;
      received.computeIfAbsent(peer, p -> new LongAdder()).add(length);
    }
    on(new Event.Stored(peer, index));
    hashing.submitReady(stored, index);
  }

  private void ban(PeerId peer, ChunkResult.Mismatch mismatch) {
    holders.ban(peer);
    sink.note(
        "peer " + peer + " sent wrong bytes for chunk " + mismatch.index() + " and is not asked again");
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
    tasks.add(
        () -> {
          if (links.remove(peer) != null) {
            holders.left(peer);
            lastReason = "peer " + peer + ": " + reason;
            on(new Event.Left(peer));
          }
        });
  }

  // ---- the end ----

  private void failOnFault() {
    RuntimeException failed = fault != null ? fault : hashing.fault();
    if (failed != null) {
      throw failed;
    }
  }

  private boolean isAbandoned() {
    if (!links.isEmpty() || !tasks.isEmpty() || scheduler.isComplete()) {
      aloneSince = System.nanoTime();
    }
    return System.nanoTime() - aloneSince > PATIENCE.toNanos();
  }

  private String whyAbandoned() {
    return "all holders left" + (lastReason.isEmpty() ? "" : ", the last: " + lastReason);
  }

  private void tick() {
    long now = System.nanoTime();
    if (now - lastTick >= TICK.toNanos()) {
      lastTick = now;
      Map<PeerId, Long> received = new HashMap<>();
      links.forEach((peer, link) -> received.put(peer, link.receivedBytes()));
      on(new Event.Tick(received));
      report(ProgressSink.Phase.FETCHING);
    }
  }

  private void report(ProgressSink.Phase phase) {
    sink.progress(
        new ProgressSink.FetchProgress(phase, storedBytes, geometry.sizeBytes(), links.size()));
  }

  private void closeLinks() {
    List.copyOf(links.values()).forEach(ChunkLink::close);
    links.clear();
  }

  private FetchOutcome verify() throws InterruptedException {
    report(ProgressSink.Phase.VERIFYING);
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
      partial.close();
      parts.store().remove(manifest.image());
      return new FetchOutcome.VerificationFailed(
          "the bytes that manifest "
              + manifest.id()
              + " describes do not hash to "
              + manifest.image());
    }
    try {
      StoredImage image = parts.store().complete(partial, proof.get());
      return new FetchOutcome.Complete(image, sources(), wasted.sum());
    } catch (StoreException e) {
      partial.close();
      throw e;
    }
  }

  private Map<String, Long> sources() {
    Map<String, Long> bytes = new HashMap<>();
    received.forEach((peer, count) -> bytes.put(peer.toString(), count.sum()));
    return bytes;
  }
}
