package dev.gvmi.node.fetch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.protocol.sha256.Sha256;
import dev.gvmi.protocol.verify.ChunkResult;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The SHA-256 of the chunks that come, as soon as as many are here as are hashed at once, or after
 * a short time with fewer. The first chunk of each peer is hashed alone, and nothing is read of
 * that peer meanwhile: who lies from the start is found out before it has sent another.
 *
 * <p><b>Thread:</b> chunks from any, {@link #tick}, {@link #underWay} and {@link #close} from the
 * owner of the fetch; the hashing itself, and what is done with its results, on the verifier's
 * threads, and of first chunks on that of who brings them.
 */
final class ChunkHashing implements AutoCloseable {
  /**
   * So long a chunk waits for others, or as much longer as the owner is late: a line of 200 Mbit/s
   * brings one in that time.
   */
  static final Duration PATIENCE = Duration.ofMillis(10);

  private final ImageVerifier verifier;
  private final Parts parts;
  private final Sink sink;

  /** Who has sent a chunk that is right. */
  private final Set<PeerId> proven = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition allHashed = lock.newCondition();

  @GuardedBy("lock")
  private List<Arrived> waiting = new ArrayList<>();

  @GuardedBy("lock")
  private long waitingSinceNanos;

  /** Batches, and first chunks. */
  @GuardedBy("lock")
  private int running;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private int underWay;

  /**
   * What it works with, which outlives it.
   *
   * @param spare buffers that take the places of those that wait and are hashed
   * @param threads do not wait for anything but disks and processors
   */
  record Parts(Sha256 sha256, BufferPool spare, Executor threads) {}

  private record Arrived(PeerId peer, UnverifiedChunk chunk) {}

  /** Takes results, on the thread that hashes. */
  interface Sink {
    /** The chunk's buffer is used again when this returns. */
    void hashed(PeerId from, ChunkResult result, int length);

    /** There will be no result of some chunks: the fetch cannot go on. */
    void failed(RuntimeException reason);
  }

  ChunkHashing(ImageVerifier verifier, Parts parts, Sink sink) {
    this.verifier = verifier;
    this.parts = parts;
    this.sink = sink;
  }

  /**
   * Takes a chunk.
   *
   * @return the buffer for the next one: another one, for which it may wait until some are hashed;
   *     or the chunk's own
   * @throws IOException if no more are taken, or none of this peer: the buffer stays the caller's
   */
  ByteBuffer add(PeerId from, UnverifiedChunk chunk) throws IOException {
    return proven.contains(from) ? join(from, chunk) : first(from, chunk);
  }

  private ByteBuffer first(PeerId from, UnverifiedChunk chunk) throws IOException {
    lock.lock();
    try {
      requireOpen();
      running++;
    } finally {
      lock.unlock();
    }
    try {
      ChunkResult result = verifier.verify(chunk);
      sink.hashed(from, result, chunk.bytes().remaining());
      if (result instanceof ChunkResult.Mismatch mismatch) {
        throw new IOException("chunk " + mismatch.index() + ": " + mismatch.reason());
      }
      proven.add(from);
      return chunk.bytes();
    } finally {
      hashed();
    }
  }

  @GuardedBy("lock")
  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the fetch is over");
    }
  }

  private ByteBuffer join(PeerId from, UnverifiedChunk chunk) throws IOException {
    ByteBuffer other = parts.spare().take().orElseGet(this::awaitSpare);
    lock.lock();
    try {
      requireOpen();
      if (waiting.isEmpty()) {
        waitingSinceNanos = System.nanoTime();
      }
      waiting.add(new Arrived(from, chunk));
      submitIfEnough();
      return other;
    } catch (IOException e) {
      parts.spare().giveBack(other);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** If all are with those that wait here, nobody comes to join them. */
  private ByteBuffer awaitSpare() {
    lock.lock();
    try {
      if (running == 0) {
        submitWaiting();
      }
    } finally {
      lock.unlock();
    }
    return parts.spare().await();
  }

  /** So many chunks have been asked for and are not stored: if all are here, none is waited for. */
  void underWay(int chunks) {
    lock.lock();
    try {
      underWay = chunks;
      submitIfEnough();
    } finally {
      lock.unlock();
    }
  }

  /** The time: what has waited long enough is hashed. */
  void tick(long nowNanos) {
    lock.lock();
    try {
      if (nowNanos - waitingSinceNanos >= PATIENCE.toNanos()) {
        submitWaiting();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void submitIfEnough() {
    if (waiting.size() >= Math.min(parts.sha256().lanes(), underWay)) {
      submitWaiting();
    }
  }

  @GuardedBy("lock")
  private void submitWaiting() {
    if (waiting.isEmpty()) {
      return;
    }
    List<Arrived> batch = waiting;
    waiting = new ArrayList<>();
    running++;
    try {
      parts.threads().execute(() -> hash(batch));
    } catch (RejectedExecutionException e) {
      end(batch); // the node is closing
    }
  }

  private void hash(List<Arrived> batch) {
    try {
      List<UnverifiedChunk> chunks = batch.stream().map(Arrived::chunk).toList();
      List<ChunkResult> results = verifier.verify(chunks, parts.sha256());
      for (int i = 0; i < batch.size(); i++) {
        int length = chunks.get(i).bytes().remaining();
        sink.hashed(batch.get(i).peer(), results.get(i), length);
      }
    } catch (RuntimeException e) {
      sink.failed(e);
    } finally {
      end(batch);
    }
  }

  private void end(List<Arrived> batch) {
    batch.forEach(arrived -> parts.spare().giveBack(arrived.chunk().bytes()));
    hashed();
  }

  private void hashed() {
    lock.lock();
    try {
      running--;
      allHashed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; returns when all that came is hashed. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      submitWaiting();
      while (running > 0) {
        allHashed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
