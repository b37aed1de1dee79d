package dev.gvmi.node.audit;

import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.thread.FileThread;
import dev.gvmi.node.thread.Threads;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/**
 * Reads an image whole and says what of it is good. Segments are hashed side by side, so that a
 * cache is read at the speed of the disk or of all threads.
 *
 * <p><b>Thread:</b> any; blocks its caller, an interrupt ends it.
 */
public final class ImageAuditor {
  private static final int MAX_THREADS = 4;
  private static final int BUFFER_BYTES = 1 << 20;

  private final SegmentHasher hasher;

  public ImageAuditor(SegmentHasher hasher) {
    this.hasher = hasher;
  }

  /**
   * Reads all bytes.
   *
   * @param progress is told how many bytes are done, by the caller's thread
   */
  public AuditFindings audit(ImageAudit audit, LongConsumer progress) throws InterruptedException {
    Optional<Manifest> manifest = audit.manifest();
    return manifest.isPresent()
        ? byManifest(audit, manifest.get(), progress)
        : inOrder(audit, progress);
  }

  private AuditFindings byManifest(ImageAudit audit, Manifest manifest, LongConsumer progress)
      throws InterruptedException {
    Geometry geometry = manifest.geometry();
    ImageVerifier verifier = new ImageVerifier(manifest, hasher, new BitSet());
    BitSet bad = new BitSet();
    if (audit.fileBytes() > geometry.sizeBytes()) {
      bad.set(geometry.chunkCount() - 1); // What follows the last chunk makes it another file.
    }
    readAll(audit, manifest, verifier, bad, progress);
    bad.or(unexplained(geometry, verifier, bad));
    if (bad.isEmpty()) {
      return new AuditFindings.Sound(verifier.result().orElseThrow());
    }
    BitSet good = new BitSet();
    good.set(0, geometry.chunkCount());
    good.andNot(bad);
    return new AuditFindings.Damaged(good, bad.cardinality());
  }

  /** Chunks of segments that fail though each of their chunks is good: none of them is believed. */
  private static BitSet unexplained(Geometry geometry, ImageVerifier verifier, BitSet bad) {
    BitSet chunks = new BitSet();
    for (int segment = 0; segment < geometry.segmentCount(); segment++) {
      int first = geometry.firstChunkOf(segment);
      int last = geometry.lastChunkOf(segment);
      boolean explained = bad.nextSetBit(first) >= 0 && bad.nextSetBit(first) <= last;
      if (!verifier.isVerified(segment) && !explained) {
        chunks.set(first, last + 1);
      }
    }
    return chunks;
  }

  private static void readAll(
      ImageAudit audit,
      Manifest manifest,
      ImageVerifier verifier,
      BitSet bad,
      LongConsumer progress)
      throws InterruptedException {
    Geometry geometry = manifest.geometry();
    int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    ExecutorService pool = Executors.newFixedThreadPool(threads, FileThread.factory("audit-"));
    SegmentReader reader = new SegmentReader(audit, geometry, verifier);
    try {
      ExecutorCompletionService<SegmentReader.Read> done = new ExecutorCompletionService<>(pool);
      int next = 0;
      int running = 0;
      long bytes = 0;
      while (next < geometry.segmentCount() || running > 0) {
        if (next < geometry.segmentCount() && running < threads) {
          int first = next;
          int end = Math.min(first + verifier.lanes(), geometry.segmentCount());
          done.submit(() -> reader.read(first, end));
          next = end;
          running++;
        } else {
          SegmentReader.Read read = done.take().get();
          running--;
          bad.or(read.bad());
          bytes += read.bytes();
          progress.accept(bytes);
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException fault
          ? fault
          : new IllegalStateException("reading " + audit.file() + " failed", e);
    } finally {
      Threads.awaitEnd(pool); // a few segments, of which nobody waits for the result
    }
  }

  /** Without a manifest: the bytes are the image, or nothing is known of them. */
  private AuditFindings inOrder(ImageAudit audit, LongConsumer progress) {
    ImageId id = audit.id();
    long size = audit.fileBytes();
    AuditFindings nothing = new AuditFindings.Damaged(new BitSet(), 0);
    if (size < 1 || size > Geometry.MAX_SIZE_BYTES) {
      return nothing;
    }
    try {
      Optional<VerifiedImage> proof =
          ImageVerifier.verifyInOrder(
              id,
              size,
              hasher,
              (offset, target) -> {
                audit.read(offset, target);
                progress.accept(offset + target.position());
              },
              ByteBuffer.allocateDirect(BUFFER_BYTES));
      return proof.<AuditFindings>map(AuditFindings.Sound::new).orElse(nothing);
    } catch (StoreException e) {
      return nothing;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
