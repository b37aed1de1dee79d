package dev.gvmi.node.fetch;

import dev.gvmi.node.delta.CopyPlan;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.node.transfer.BufferPool;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.verify.UnverifiedChunk;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes chunks from what is here: from what the origin has sent in order, and put together from
 * other images that are held. What comes out is as good as what a peer sends, and is checked like
 * it; but nobody is blamed for what is wrong.
 *
 * <p><b>Thread:</b> {@link #start} and {@link #close} are the fetching one's; {@link Sink} is
 * called on the copy's own virtual thread.
 */
final class LocalCopy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCopy.class);

  /**
   * A plan of which so many more chunks were wrong than right is a lie: nothing more of it is
   * tried.
   */
  static final int MAX_WRONG = 16;

  private final Optional<CopyPlan> plan;
  private final Optional<OrderedImport> prefix;

  /** Whole chunks of the prefix. */
  private final int prefixChunks;

  private final ImageStore store;
  private final BufferPool buffers;
  private final Geometry geometry;
  private final BitSet chunks;
  private final Map<ImageId, Optional<StoredImage>> images = new HashMap<>();
  private @Nullable Thread thread;
  private volatile boolean stopped;

  /** Is told what became of the chunks. */
  interface Sink {
    /**
     * A chunk was put together, or is one that the origin sent; false if it is wrong. Its buffer is
     * used again when this returns.
     */
    boolean copied(UnverifiedChunk chunk, boolean fromOrigin);

    /** These will not come from here. */
    void missed(BitSet chunks);

    /** Nothing more comes. */
    void ended();
  }

  /** What can be copied. */
  record From(Optional<CopyPlan> plan, Optional<OrderedImport> prefix) {}

  /** A copy of the chunks that are there and not stored. */
  LocalCopy(From from, Geometry geometry, BitSet stored, ImageStore store, BufferPool buffers) {
    this.plan = from.plan();
    this.prefix = from.prefix();
    this.geometry = geometry;
    this.store = store;
    this.buffers = buffers;
    this.prefixChunks = prefix.map(file -> wholeChunks(file.bytes(), geometry)).orElse(0);
    this.chunks = plan.map(CopyPlan::chunks).orElseGet(BitSet::new);
    chunks.set(0, prefixChunks);
    chunks.andNot(stored);
  }

  private static int wholeChunks(long bytes, Geometry geometry) {
    return bytes >= geometry.sizeBytes()
        ? geometry.chunkCount()
        : (int) (bytes / Geometry.CHUNK_BYTES);
  }

  /** Whether there is nothing to copy. */
  boolean isEmpty() {
    return chunks.isEmpty();
  }

  /** Whether it is the origin that this chunk comes from. */
  private boolean isFromOrigin(int chunk) {
    return chunk < prefixChunks;
  }

  /** What it will try (a copy). */
  BitSet chunks() {
    return (BitSet) chunks.clone();
  }

  void start(Sink sink) {
    thread = Thread.ofVirtual().name("copy").start(() -> run(sink));
  }

  private void run(Sink sink) {
    BitSet left = chunks();
    Optional<ByteBuffer> buffer = buffers.take();
    try {
      if (buffer.isPresent()) {
        copy(left, buffer.get(), sink);
      }
    } catch (RuntimeException e) {
      LOG.debug("copying ended early", e); // The sink has failed, and says so itself.
    } finally {
      buffer.ifPresent(buffers::giveBack);
      sink.missed(left);
      sink.ended();
    }
  }

  /** Takes off what was tried. */
  private void copy(BitSet left, ByteBuffer buffer, Sink sink) {
    int wrong = 0;
    for (int chunk = left.nextSetBit(0);
        chunk >= 0 && !stopped && wrong < MAX_WRONG;
        chunk = left.nextSetBit(chunk + 1)) {
      buffer.clear().limit(geometry.chunkLength(chunk));
      boolean right =
          read(chunk, buffer)
              && sink.copied(new UnverifiedChunk(chunk, buffer.flip()), isFromOrigin(chunk));
      wrong = right ? Math.max(0, wrong - 1) : wrong + 1;
      if (!right) {
        BitSet missed = new BitSet();
        missed.set(chunk);
        sink.missed(missed);
      }
      left.clear(chunk);
    }
  }

  /** An image that goes meanwhile, or cannot be read, is a miss like any. */
  private boolean read(int chunk, ByteBuffer buffer) {
    int limit = buffer.limit();
    try {
      if (isFromOrigin(chunk)) {
        prefix.orElseThrow().read(geometry.chunkOffset(chunk), buffer);
        return true;
      }
      for (CopyPlan.Piece piece : plan.orElseThrow().pieces(chunk)) {
        Optional<StoredImage> image = images.computeIfAbsent(piece.image(), store::image);
        if (image.isEmpty()) {
          return false;
        }
        buffer.limit(buffer.position() + piece.lengthBytes());
        image.get().read(piece.offsetBytes(), buffer);
      }
      return buffer.position() == limit;
    } catch (StoreException | IllegalArgumentException e) {
      LOG.debug("chunk {} cannot be copied: {}", chunk, e.getMessage());
      return false;
    }
  }

  /** Ends it, and waits for the chunk at hand: nothing is written afterwards. */
  @Override
  public void close() {
    stopped = true;
    Thread running = thread;
    if (running != null) {
      Threads.awaitEnd(running);
    }
  }
}
