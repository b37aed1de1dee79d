package dev.gvmi.node.fetch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.origin.OriginBody;
import dev.gvmi.node.origin.OriginClient;
import dev.gvmi.node.origin.OriginException;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.rate.RateGate;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.node.transfer.ChunkLink;
import dev.gvmi.node.transfer.ChunkSource;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The origin of an image as one more source of its chunks, once there is a manifest: by range
 * requests, a few at a time.
 *
 * <p><b>Thread:</b> requests from one; the listener is called on the virtual threads of the source.
 */
final class OriginSource implements ChunkSource {
  /** Names it among peers; no key has this hash. */
  static final PeerId ID =
      PeerId.of(
          Multihash.of(
              Multihash.SHA2_256,
              "the origin of the image by HTTP!".getBytes(StandardCharsets.US_ASCII)));

  /** What its bytes are counted under. */
  static final String NAME = "origin";

  /** Requests that are under way at one time. */
  static final int REQUESTS = 4;

  /** Neighbouring chunks that are asked for together: 4 MiB. */
  static final int MAX_RUN = 16;

  /** So often in a row a request may bring nothing. */
  static final int MAX_VAIN = 4;

  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int PIECE_BYTES = 64 << 10;

  private final Place place;
  private final Manifest manifest;
  private final BufferPool buffers;
  private final ChunkLink.Listener listener;
  private final LongAdder received = new LongAdder();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Set<OriginBody> open = ConcurrentHashMap.newKeySet();

  /** Of a request whose chunks have not come yet. */
  private final Set<Integer> cancelled = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Run> runs = new ArrayDeque<>();

  private record Run(int first, int end) {}

  /** Of the thread of one request at a time. */
  private static final class Worker {
    /** For the next chunk. */
    private ByteBuffer buffer;

    Worker(ByteBuffer buffer) {
      this.buffer = buffer;
    }
  }

  /** Where it is, and how fast it may deliver. */
  record Place(OriginClient client, OriginUrl url, RateGate rate) {}

  private OriginSource(
      Place place, Manifest manifest, BufferPool buffers, ChunkLink.Listener listener) {
    this.place = place;
    this.manifest = manifest;
    this.buffers = buffers;
    this.listener = listener;
  }

  static OriginSource open(
      Place place, Manifest manifest, BufferPool buffers, ChunkLink.Listener listener) {
    OriginSource source = new OriginSource(place, manifest, buffers, listener);
    for (int i = 0; i < REQUESTS; i++) {
      Thread.ofVirtual().name("origin-range-" + i).start(source::work);
    }
    BitSet all = new BitSet();
    all.set(0, manifest.geometry().chunkCount());
    listener.holds(ID, all);
    return source;
  }

  @Override
  public PeerId peer() {
    return ID;
  }

  @Override
  public long receivedBytes() {
    return received.sum();
  }

  @Override
  public void request(int first, int count) {
    for (int chunk = first; chunk < first + count; chunk++) {
      cancelled.remove(chunk);
    }
    lock.lock();
    try {
      runs.add(new Run(first, first + count));
      asked.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel(int chunk) {
    cancelled.add(chunk);
  }

  private void work() {
    Optional<Worker> worker = buffers.take().map(Worker::new);
    try {
      while (worker.isPresent() && !ended.get()) {
        fetch(next(), worker.get());
      }
    } catch (OriginException e) {
      end(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      // the listener has failed, and says so itself, or does not want what came
      end(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      end("interrupted");
    } finally {
      worker.ifPresent(done -> buffers.giveBack(done.buffer));
    }
  }

  /**
   * Waits for something to ask for; requests for neighbouring chunks become one if others have
   * enough to do.
   */
  private Run next() throws InterruptedException {
    lock.lock();
    try {
      while (runs.isEmpty()) {
        if (ended.get()) {
          return new Run(0, 0);
        }
        asked.await();
      }
      Run run = runs.remove();
      for (Run more = runs.peek();
          more != null
              && runs.size() >= REQUESTS
              && more.first() == run.end()
              && more.end() - run.first() <= MAX_RUN;
          more = runs.peek()) {
        runs.remove();
        run = new Run(run.first(), more.end());
      }
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** All of a run, with as many requests as it takes. */
  private void fetch(Run run, Worker worker) throws IOException, InterruptedException {
    int vain = 0;
    int chunk = run.first();
    while (isWanted(chunk, run) && !ended.get()) {
      try (OriginBody body = place.client().open(place.url(), range(chunk, run.end()))) {
        open.add(body);
        require(body, chunk);
        while (isWanted(chunk, run) && !ended.get()) {
          read(body, chunk, worker);
          chunk++;
          vain = 0;
        }
        open.remove(body);
      } catch (OriginException e) {
        vain++;
        if (e.kind() != OriginException.Kind.PASSING || vain > MAX_VAIN) {
          throw e;
        }
        over.await(PAUSE.toNanos() << vain, TimeUnit.NANOSECONDS);
      }
    }
  }

  private OriginClient.Range range(int first, int end) {
    Geometry geometry = manifest.geometry();
    long last = geometry.chunkOffset(end - 1) + geometry.chunkLength(end - 1);
    return new OriginClient.Range(geometry.chunkOffset(first), last, null);
  }

  /** Whether anything of the run from this chunk on is. */
  private boolean isWanted(int chunk, Run run) {
    for (int i = chunk; i < run.end(); i++) {
      if (!cancelled.contains(i)) {
        return true;
      }
    }
    return false;
  }

  private void require(OriginBody body, int chunk) throws OriginException {
    long size = manifest.geometry().sizeBytes();
    if (body.offset() != manifest.geometry().chunkOffset(chunk)) {
      throw new OriginException(OriginException.Kind.LASTING, "it knows no ranges");
    }
    if (body.totalBytes() != OriginBody.UNKNOWN && body.totalBytes() != size) {
      throw new OriginException(
          OriginException.Kind.LASTING,
          "it has " + body.totalBytes() + " bytes, and the manifest names " + size);
    }
  }

  private void read(OriginBody body, int chunk, Worker worker)
      throws IOException, InterruptedException {
    ByteBuffer buffer = worker.buffer;
    buffer.clear().limit(manifest.geometry().chunkLength(chunk));
    byte[] piece = new byte[PIECE_BYTES];
    while (buffer.hasRemaining()) {
      int most = place.rate().isLimited() ? place.rate().pieceBytes() : piece.length;
      int count = body.read(piece, Math.min(most, buffer.remaining()));
      if (count < 0) {
        throw new OriginException(OriginException.Kind.PASSING, "it ended within a chunk");
      }
      place.rate().pass(this, count);
      buffer.put(piece, 0, count);
      received.add(count);
    }
    worker.buffer = listener.arrived(ID, new UnverifiedChunk(chunk, buffer.flip()));
  }

  private void end(String reason) {
    if (ended.compareAndSet(false, true)) {
      over.countDown();
      open.forEach(OriginBody::close);
      lock.lock();
      try {
        asked.signalAll();
      } finally {
        lock.unlock();
      }
      listener.ended(ID, reason);
    }
  }

  @Override
  public void close() {
    close("no longer needed");
  }

  @Override
  public void close(String reason) {
    end(reason);
  }
}
