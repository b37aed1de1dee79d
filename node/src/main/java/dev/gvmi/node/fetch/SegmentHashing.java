package dev.gvmi.node.fetch;

import dev.gvmi.node.store.PartialImage;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.SegmentSource;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The full SHA3, segment by segment, as soon as the chunks of as many segments are here as are
 * hashed at once, or after a short time with fewer.
 *
 * <p><b>Thread:</b> the owner of the fetch; the hashing itself on the verifier's threads, which
 * post back.
 */
final class SegmentHashing {
  private static final int READ_BYTES = 256 << 10;

  /**
   * So long a segment waits for others: of 2 MiB each, a line of 100 Mbit/s brings three in that
   * time. The end of a fetch waits for none.
   */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** One read buffer per verifier thread. */
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(READ_BYTES));

  private final ImageVerifier verifier;
  private final PartialImage partial;
  private final Geometry geometry;
  private final Executor threads;
  private final Consumer<Runnable> owner;
  private final BitSet submitted = new BitSet();
  private final BitSet waiting = new BitSet();
  private long waitingSinceNanos;
  private boolean isWaiting;
  private int running;
  private volatile boolean stopped;
  private volatile @Nullable RuntimeException fault;

  SegmentHashing(
      ImageVerifier verifier, PartialImage partial, Executor threads, Consumer<Runnable> owner) {
    this.verifier = verifier;
    this.partial = partial;
    this.geometry = partial.manifest().geometry();
    this.threads = threads;
    this.owner = owner;
  }

  /** Hashes every segment that is whole: after a resume. */
  void submitReady(BitSet stored) {
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      submitIfReady(segment, stored);
    }
  }

  /** Hashes the segments that this chunk made whole. */
  void submitReady(BitSet stored, int chunk) {
    for (int s = geometry.firstSegmentOf(chunk); s <= geometry.lastSegmentOf(chunk); s++) {
      submitIfReady(s, stored);
    }
  }

  private void submitIfReady(int segment, BitSet stored) {
    int missing = stored.nextClearBit(geometry.firstChunkOf(segment));
    if (submitted.get(segment)
        || missing <= geometry.lastChunkOf(segment)
        || verifier.isVerified(segment)) {
      return;
    }
    submitted.set(segment);
    waiting.set(segment);
    if (waiting.cardinality() >= verifier.lanes()) {
      submitWaiting();
    }
  }

  /** The time: what has waited long enough is hashed. */
  void tick(long nowNanos) {
    if (waiting.isEmpty()) {
      isWaiting = false;
    } else if (!isWaiting) {
      isWaiting = true;
      waitingSinceNanos = nowNanos;
    } else if (nowNanos - waitingSinceNanos >= PATIENCE.toNanos()) {
      submitWaiting();
    }
  }

  /** No more segments come: what waits is hashed. */
  void submitWaiting() {
    isWaiting = false;
    if (waiting.isEmpty()) {
      return;
    }
    BitSet batch = (BitSet) waiting.clone();
    waiting.clear();
    running++;
    try {
      threads.execute(() -> hash(batch));
    } catch (RejectedExecutionException e) {
      fault = e;
    }
  }

  private void hash(BitSet batch) {
    BitSet verified = new BitSet();
    try {
      if (!stopped) {
        verified = verifier.verifySegments(batch, source(), BUFFER.get().clear());
      }
    } catch (IOException e) {
      fault = new UncheckedIOException(e);
    } catch (RuntimeException e) {
      fault = stopped ? fault : e;
    }
    BitSet proven = verified;
    owner.accept(() -> {
      running--;
      proven.stream().forEach(partial::segmentVerified);
    });
  }

  private SegmentSource source() {
    return partial::read;
  }

  /** Nothing is being hashed, and nothing waits. */
  boolean isDone() {
    return running == 0 && waiting.isEmpty();
  }

  @Nullable RuntimeException fault() {
    return fault;
  }

  /** Hashes all from the start, for when the checkpoints are false; on this thread. */
  Optional<VerifiedImage> inOrder() {
    try {
      return verifier.verifyInOrder(source(), ByteBuffer.allocateDirect(READ_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void stop() {
    stopped = true;
  }
}
